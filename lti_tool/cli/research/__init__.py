"""Commands about models: fit, evaluate, simulate."""
