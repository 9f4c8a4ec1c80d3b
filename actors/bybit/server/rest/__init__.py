"""REST: one handler an endpoint, from its request shape to its result shape, in a table by path."""
