"""A run against a real exchange, or against the local one: its logs."""
