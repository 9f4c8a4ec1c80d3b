"""The way to the exchange: takes commands and queries, and is the only one that speaks to the venue."""
