"""The trading state (active, reducing or halted), and the events that change it."""
