"""Drivers: what pumps a kernel and moves its time."""
