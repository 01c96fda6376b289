"""What is printed, and tables to take along."""
