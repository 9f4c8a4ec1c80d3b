"""The exchange's state in the shapes of the wire: pure functions from records to what REST and streams send."""
