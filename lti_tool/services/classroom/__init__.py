"""What a teacher sees of a class, and of each pupil in it."""
