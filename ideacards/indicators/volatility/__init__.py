"""How far a series moves: ranges, deviations, and the bands and channels made of them."""
