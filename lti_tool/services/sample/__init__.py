"""An imagined class, for a teacher who has no pupils yet."""
