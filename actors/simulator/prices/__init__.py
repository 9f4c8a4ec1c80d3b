"""The price at every millisecond: bars, finer data, and the path through them."""
