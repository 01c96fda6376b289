"""The class and each pupil: whom to help, with what, and what to do about it."""
