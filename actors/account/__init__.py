"""The account as we know it: wallet, position, and what was realised."""
