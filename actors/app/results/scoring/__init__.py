"""Scoring: metrics of a run, computed from its tape and bars, as floats for display."""
