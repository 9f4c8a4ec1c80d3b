"""Position, wallet, margin, liquidation and funding, in exact fixed point."""
