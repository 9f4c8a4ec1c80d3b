"""Composition root: settings, the supervision tree, the command line, results and the report."""
