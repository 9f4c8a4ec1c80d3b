"""A gate in front of the gateway: nothing reaches the exchange faster than its budgets allow."""
