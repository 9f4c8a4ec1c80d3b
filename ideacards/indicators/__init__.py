"""Indicators: one scalar step function each, in its own file; live calls it directly, batch compiles it with numba.

`registry` says what exists and with which parameters (cheap to import), `compute` runs it; the arithmetic modules
import numba and are loaded only when a feature is computed.
"""
