"""Message delays in whole nanoseconds: constant, drawn from a distribution, or read from a table over time.

The caller draws a uniform share in [0, 1) from its own seeded stream; a distribution returns its inverse at that
share, so the same draw gives the same delay everywhere.
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
    """The same delay for every message."""

    ns: int

    @property
    def worst_ns(self) -> int:
        """The longest delay to expect, in ns."""
        return self.ns

    def delay_ns(self, now_ns: int, share: float) -> int:
        """Delay in ns of a message sent at `now_ns`, drawn with `share`."""
        return self.ns


@attrs.frozen
class Uniform:
    """Uniform between `low_ns` and `high_ns`."""

    low_ns: int
    high_ns: int

    @property
    def worst_ns(self) -> int:
        """The longest delay to expect, in ns."""
        return self.high_ns

    def delay_ns(self, now_ns: int, share: float) -> int:
        """Delay in ns of a message sent at `now_ns`, drawn with `share`."""
        return self.low_ns + int(share * (self.high_ns - self.low_ns))


@attrs.frozen
class LogNormal:
    """Log-normal: half of all delays below `median_ns`, one in a hundred above `p99_ns`, with a network's long tail."""

    median_ns: int
    p99_ns: int

    @property
    def worst_ns(self) -> int:
        """The 99.99th percentile in ns; one message in ten thousand takes longer, and its asker times out."""
        return self.delay_ns(0, 0.9999)

    def delay_ns(self, now_ns: int, share: float) -> int:
        """Delay in ns of a message sent at `now_ns`, drawn with `share`."""
        sigma = log(self.p99_ns / self.median_ns) / _NORMAL_99
        return round(self.median_ns * exp(sigma * _NORMAL.inv_cdf(max(share, _SMALLEST_SHARE))))


@attrs.frozen
class TableLatency:
    """Recorded delays: `delays_ns[i]` applies from `times_ns[i]` on; before the first time, `delays_ns[0]`."""

    times_ns: Sequence[int]
    delays_ns: Sequence[int]

    @property
    def worst_ns(self) -> int:
        """The longest delay to expect, in ns."""
        return max(self.delays_ns)

    def delay_ns(self, now_ns: int, share: float) -> int:
        """Delay in ns of a message sent at `now_ns`, drawn with `share`."""
        return self.delays_ns[max(0, bisect_right(self.times_ns, now_ns) - 1)]


Latency = ConstantLatency | Uniform | LogNormal | TableLatency
NO_LATENCY = ConstantLatency(0)
