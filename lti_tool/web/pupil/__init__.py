"""What pupils see."""
