"""Scoring: metrics of a run as floats for display, computed from its tape and bars."""
