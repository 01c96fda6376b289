"""The LMSs: how they are registered, checked, spared in trouble, and whom they have in class."""
