"""The journal: what came in and what we meant. In memory for now; it answers `Recall` after a restart."""
