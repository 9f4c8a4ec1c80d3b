"""The journal: the append log (docs/journal.md), and the actor that answers `Recall`, which is in memory for now."""
