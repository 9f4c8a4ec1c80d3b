"""The order state machine: what became of every order we ever meant to send."""
