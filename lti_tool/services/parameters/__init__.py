"""Parameter sets: fitted from answers, compared, put to use."""
