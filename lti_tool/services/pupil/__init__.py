"""What pupils see of themselves: today, goals, what was learned."""
