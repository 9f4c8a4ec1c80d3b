"""What the commands about a card compute: reading a card with its bars, values, causality, why, explanations."""
