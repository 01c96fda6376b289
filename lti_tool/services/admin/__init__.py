"""The console behind /admin: who signs in, what they reach, what they see and change."""
