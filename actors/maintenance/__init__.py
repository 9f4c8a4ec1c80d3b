"""Maintenance: what the venue has planned, and who must know before it begins."""
