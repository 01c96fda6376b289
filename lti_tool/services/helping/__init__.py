"""What a teacher does about a pupil or a few: a word on a skill, what comes next or rests, materials, notes, pairs."""
