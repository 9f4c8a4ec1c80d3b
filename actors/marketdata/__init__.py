"""Frames become closed bars without holes, and subscribers hear of each bar once."""
