"""What a run leaves: tape, figures, tables, report."""
