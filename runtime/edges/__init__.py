"""Edges: the parts of the runtime that do I/O. Everything else in it is pure."""
