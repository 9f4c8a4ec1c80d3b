"""How fast and in which direction a series moves."""
