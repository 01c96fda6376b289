"""The way of a score to the LMS: claim, send, settle, repair, reconcile."""
