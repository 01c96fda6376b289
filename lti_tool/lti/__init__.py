"""LTI 1.3 and LTI Advantage: strict validation of what comes in, correct messages out. Knows nothing of pages."""
