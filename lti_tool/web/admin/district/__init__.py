"""The pages of one district."""
