"""Expressions: the text of a `when`, read into a small closed tree and turned into columns and closures."""
