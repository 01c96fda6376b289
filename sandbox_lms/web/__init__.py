"""What the practice LMS answers over HTTP: its pages, the frame of an activity, registration and services."""
