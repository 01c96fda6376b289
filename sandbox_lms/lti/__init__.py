"""What passes between the practice LMS and a tool, as messages: signed, claimed, checked."""
