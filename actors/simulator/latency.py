"""How long a message is under way: a constant, a distribution, or a table over time. Whole nanoseconds.

A draw is a uniform share in [0, 1) that the asker takes from a seeded stream of its own; a distribution is its inverse
at that share, so the same draw gives the same delay everywhere.
"""

from bisect import bisect_right
from collections.abc import Sequence
from math import exp, log
from statistics import NormalDist

import attrs

__all__ = ["NO_LATENCY", "ConstantLatency", "Latency", "LogNormal", "TableLatency", "Uniform"]

_NORMAL = NormalDist()
_NORMAL_99 = _NORMAL.inv_cdf(0.99)
_SMALLEST_SHARE = 2.0**-53


@attrs.frozen
class ConstantLatency:
    """Always the same."""

    ns: int

    @property
    def worst_ns(self) -> int:
        """The longest delay to reckon with."""
        return self.ns

    def delay_ns(self, now_ns: int, share: float) -> int:
        """The delay of a message at `now_ns`."""
        return self.ns


@attrs.frozen
class Uniform:
    """Anything from `low_ns` up to `high_ns`, alike."""

    low_ns: int
    high_ns: int

    @property
    def worst_ns(self) -> int:
        """The longest delay to reckon with."""
        return self.high_ns

    def delay_ns(self, now_ns: int, share: float) -> int:
        """The delay of a message at `now_ns`."""
        return self.low_ns + int(share * (self.high_ns - self.low_ns))


@attrs.frozen
class LogNormal:
    """Half of all below `median_ns`, one in a hundred above `p99_ns`: a long tail, as networks have it."""

    median_ns: int
    p99_ns: int

    @property
    def worst_ns(self) -> int:
        """The longest delay to reckon with: one in ten thousand takes longer, and is asked again."""
        return self.delay_ns(0, 0.9999)

    def delay_ns(self, now_ns: int, share: float) -> int:
        """The delay of a message at `now_ns`."""
        sigma = log(self.p99_ns / self.median_ns) / _NORMAL_99
        return round(self.median_ns * exp(sigma * _NORMAL.inv_cdf(max(share, _SMALLEST_SHARE))))


@attrs.frozen
class TableLatency:
    """As recorded: from `times_ns[i]` on `delays_ns[i]`; before the first, the first."""

    times_ns: Sequence[int]
    delays_ns: Sequence[int]

    @property
    def worst_ns(self) -> int:
        """The longest delay to reckon with."""
        return max(self.delays_ns)

    def delay_ns(self, now_ns: int, share: float) -> int:
        """The delay of a message at `now_ns`."""
        return self.delays_ns[max(0, bisect_right(self.times_ns, now_ns) - 1)]


Latency = ConstantLatency | Uniform | LogNormal | TableLatency
NO_LATENCY = ConstantLatency(0)
