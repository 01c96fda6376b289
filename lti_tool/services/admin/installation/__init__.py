"""What all districts share: the installation's health, its districts, background work and content."""
