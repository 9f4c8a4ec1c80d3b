"""The rate limiter in front of the gateway: it holds requests back to the exchange's budgets."""
