"""Wire and model: what each of the port's values is in Bybit's words, in both directions."""
