"""Scalar functions that step functions share: written out in + - * / and comparison, so that all of them agree.

The C library's log and exp differ between machines in the last digit; these do not.
"""

from math import nan

__all__ = ["absolute", "exp_minus", "larger", "ln", "ratio", "root_down", "smaller"]

_LN2 = 0.6931471805599453
_ROOT2 = 1.4142135623730951


def larger(a: float, b: float) -> float:
    """The larger of two."""
    return a if a > b else b


def smaller(a: float, b: float) -> float:
    """The smaller of two."""
    return a if a < b else b


def absolute(a: float) -> float:
    """|a|."""
    return a if a >= 0.0 else -a


def ratio(a: float, b: float) -> float:
    """a / b; NaN if b is 0."""
    return a / b if b != 0.0 else nan


def root_down(n: int) -> int:
    """The whole part of the square root of a whole number."""
    root = 0
    while (root + 1) * (root + 1) <= n:
        root += 1
    return root


def ln(x: float) -> float:
    """Natural logarithm, to about 1e-16; NaN unless 0 < x < infinity.

    x is brought near 1 by exact halving or doubling; there ln x = 2 artanh z with z = (x - 1)/(x + 1), a series in z.
    """
    if not 0.0 < x < 1.7e308:
        return nan
    doublings = 0.0
    while x > _ROOT2:
        x *= 0.5
        doublings += 1.0
    while x * _ROOT2 < 1.0:
        x *= 2.0
        doublings -= 1.0
    z = (x - 1.0) / (x + 1.0)
    square, series = z * z, 0.0
    for k in range(25, 0, -2):
        series = series * square + 1.0 / k
    return doublings * _LN2 + 2.0 * z * series


def exp_minus(y: float) -> float:
    """e^-y of y >= 0, to about 1e-15; 0 beyond 700."""
    if y > 700.0:
        return 0.0
    halvings = int(y / _LN2)
    rest = y - halvings * _LN2
    series = 1.0
    for k in range(20, 0, -1):
        series = 1.0 - series * rest / k
    for _ in range(halvings):
        series *= 0.5
    return series
