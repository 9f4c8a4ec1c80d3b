"""What the traded volume says about a move."""
