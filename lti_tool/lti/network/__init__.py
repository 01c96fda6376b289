"""Calls to addresses that come from outside: where they may lead, and how long and large they may be."""
