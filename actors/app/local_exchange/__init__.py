"""The local exchange as a command: what it lists, who trades on it, and how it is run."""
