"""The rehearsal: one card through the live stack against the local exchange, and through the simulator, compared."""
