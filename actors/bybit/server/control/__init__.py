"""The control route: orders faults, shows the exchange's state, and steps its clock. Plain JSON, outside /v5."""
