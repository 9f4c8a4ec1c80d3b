"""Stop losses and take profits of positions, at their exact distance from an entry's fill."""
