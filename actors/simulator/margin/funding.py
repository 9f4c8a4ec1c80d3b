"""Funding: at the venue's funding times a position pays or receives a share of its value.

payment = position x mark price x rate, exactly; a long pays a positive rate. The position held at that instant counts:
after bars that close then, before bars that open then. The mark is the last known price.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import attrs

from actors.model.errors import InvariantError

__all__ = ["Funding", "FundingTimes"]


@attrs.frozen
class Funding:
    """Rising times (UTC ms) and the rate at each, as integers of the instrument's rate digits."""

    times_ms: Sequence[int] = ()
    rates: Sequence[int] = ()

    def __attrs_post_init__(self) -> None:
        rises = all(one < other for one, other in zip(self.times_ms, self.times_ms[1:], strict=False))
        if len(self.times_ms) != len(self.rates) or not rises:
            raise InvariantError("a rate a time, and times that rise")


class FundingTimes:
    """The next funding time; market events move it forward."""

    def __init__(self, funding: Funding) -> None:
        self._funding = funding
        self._next = 0

    def next_ms(self) -> int | None:
        """The earliest funding time still to come (UTC ms), or None."""
        times = self._funding.times_ms
        return times[self._next] if self._next < len(times) else None

    def take(self) -> int:
        """The rate of the next funding time; moves on to the one after it."""
        self._next += 1
        return self._funding.rates[self._next - 1]

    def has_closed(self, time_ms: int) -> None:
        """A bar has closed: skip funding times before `time_ms`."""
        self._next = max(self._next, bisect_left(self._funding.times_ms, time_ms))

    def has_traded(self, time_ms: int) -> None:
        """Something was traded: skip funding times up to and including `time_ms`, which came before it."""
        self._next = max(self._next, bisect_right(self._funding.times_ms, time_ms))
