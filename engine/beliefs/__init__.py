"""What is believed of a pupil, and how it is stored.

`two_state` and `ability` are the two models of a rule skill, `mixture` weighs them; `lists` traces words and facts one
by one. `records` and `traits` are what remains of it all in a stored learner.
"""
