"""Stops and targets: every entry that asks for them gets them, measured from its own fill."""
