"""Results of a run: tape, metrics, tables, report."""
