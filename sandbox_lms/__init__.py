"""Practice LMS: a small, strict LTI 1.3 platform for trying a tool out without a real LMS, and for tests.

It knows nothing of the tool that it launches and shares no code with it, so that one misreading of the
standard can't hide on both sides.
"""
