"""The next item: which skills are offered, with whose wishes; drawn, and stored before anybody sees it."""
