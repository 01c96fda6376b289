"""The life of an answer: mark, trace, remember, choose the next item."""
