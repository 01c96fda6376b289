"""One question at a time: the pages from warm-up to the end of a sitting."""
