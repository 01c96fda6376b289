"""What is told of a process to who runs it: health, metrics, one line for each request."""
