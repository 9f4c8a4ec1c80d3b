"""Scoring: what a run came to, computed from its tape and the bars afterwards, in floats for people."""
