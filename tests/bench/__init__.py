"""Measurements, printed as ratios against a floor or a peer in the same run. Never part of the tests' pass or fail."""
