"""The journal: the append log (docs/journal.md), and the actor that answers `Recall`, in memory for now."""
