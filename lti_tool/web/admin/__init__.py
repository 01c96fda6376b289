"""The console of those who look after an installation."""
