"""The actor of one card: closed bars in, intents out."""
