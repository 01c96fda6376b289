"""What a grade is: rules chosen by the teacher, tries that count, a share of the points, words beside it."""
