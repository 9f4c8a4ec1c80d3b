"""The simulated venue over prices that come as they happen: paper trading."""
