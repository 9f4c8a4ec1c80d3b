"""One card at work: bars in, intents out."""
