"""From files to a bank: generated items, a school's own questions, and complaints that name file and line."""
