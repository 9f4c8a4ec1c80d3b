"""Edges: where the runtime touches the world. Everything else in it is pure."""
