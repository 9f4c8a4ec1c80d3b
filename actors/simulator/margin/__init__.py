"""Position, wallet, margin, liquidation and funding, exactly in fixed point."""
