"""Spelling: banks of words, the items that ask for them, what a misspelling says, and how a word sounds."""
