"""How far our clock is from the venue's, and how sure we are."""
