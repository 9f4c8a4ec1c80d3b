"""The actors that trade: one folder each, around the domain values of `actors.model`."""
