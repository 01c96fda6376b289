"""Commands about item banks and languages."""
