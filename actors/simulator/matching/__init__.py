"""The market of one symbol: orders that rest, the prices that meet them, and what comes of it."""
