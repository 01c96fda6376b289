"""What a teacher sees of a class, and does about it."""
