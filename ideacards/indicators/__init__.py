"""Indicators: one scalar step function each, in a file of its own, run live as it stands and in batch by numba.

`registry` says what exists and with which parameters (cheap to import), `compute` runs it; the arithmetic modules
import numba and are loaded only when a feature is computed.
"""
