"""Kinds of features: one scalar step function each, called directly in live and by a compiled loop in batch.

`registry` says what exists and with which parameters; each family's folder holds its `table` and its arithmetic, which
is plain Python. `kernel` compiles it when a column is computed, `compute` runs it.
"""
