"""What the practice LMS keeps: people and classes, activities and columns, scores, and the tools it knows."""
