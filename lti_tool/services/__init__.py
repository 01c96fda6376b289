"""What Proximal does, step by step, in transactions. Knows no HTTP requests and no pages."""
