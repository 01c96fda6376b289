"""Measurements, as ratios against a floor in the same run: `python -m tests.bench`. No part of the tests."""
