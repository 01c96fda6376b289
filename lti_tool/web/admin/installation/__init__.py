"""The pages of what all districts share."""
