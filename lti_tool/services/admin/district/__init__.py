"""What a district's administrators see and change: schools, LMSs, grades, people's data, the audit log."""
