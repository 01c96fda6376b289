"""What keeps an installation well: worker, doctor, retention and erasure."""
