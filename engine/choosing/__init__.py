"""What comes next: which skill, which item of it, and, for a new pupil, where to start."""
