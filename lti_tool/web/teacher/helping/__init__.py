"""What a teacher does about single pupils and small groups, and lays before a skill."""
