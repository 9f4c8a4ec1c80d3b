"""What the exchange lists and shows: symbols, prices, candles, and the synthetic book and trades around them."""
