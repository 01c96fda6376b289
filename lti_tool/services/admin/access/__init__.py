"""Who comes in to the console: signed in, invited, given a role."""
