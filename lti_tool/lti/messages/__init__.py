"""What a platform sends by way of the browser, checked and frozen, and what goes back: choices, registrations."""
