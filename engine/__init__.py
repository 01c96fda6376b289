"""What a pupil knows and what comes next.

Pure: no web, database, files, clock or global random state. Time and chance come in as arguments, so that
any belief can be replayed. `engine.tutor.Tutor` is the one door; everything else stands behind it.
"""
