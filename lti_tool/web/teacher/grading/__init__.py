"""What was sent to the gradebook, and what the LMS said."""
