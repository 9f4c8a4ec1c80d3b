"""The venue's clock: its offset from ours, and the error of that estimate."""
