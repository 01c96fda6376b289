"""Adding an activity and changing it: what is practised, how, and what a grade means."""
