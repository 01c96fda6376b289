"""Activities that teachers make and change, and what goes into them."""
