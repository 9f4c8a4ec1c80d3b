"""Supervisors: build trees from specs, decide what a death means, and serve management calls at run time."""
