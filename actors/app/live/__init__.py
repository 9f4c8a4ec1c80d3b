"""A run on a real exchange: how it is reached, what is asked before it starts, its tree and its service."""
