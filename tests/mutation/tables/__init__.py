"""Tables of mutants: each module here has `MUTANTS`, and all of them are run."""
