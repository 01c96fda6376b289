"""What Proximal asks of a platform from server to server: grades and class lists, with an access token."""
