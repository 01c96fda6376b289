"""What LMSs call: login, launch, our public keys, registration."""
