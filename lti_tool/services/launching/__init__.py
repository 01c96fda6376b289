"""From a login in the LMS to a session here, also for copied courses and links."""
