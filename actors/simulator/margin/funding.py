"""Funding: at the venue's times whoever holds a position pays, or is paid, a share of its value.

payment = position x mark price x rate, exactly; a long pays a positive rate. It is due to the position held at that
instant: after what closes then, before what opens then. The mark is the last known price.
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
    """Which of the times are over, told by the events of the market."""

    def __init__(self, funding: Funding) -> None:
        self._funding = funding
        self._next = 0

    def next_ms(self) -> int | None:
        """The earliest time that is not over."""
        times = self._funding.times_ms
        return times[self._next] if self._next < len(times) else None

    def take(self) -> int:
        """The rate of that time, which is over now."""
        self._next += 1
        return self._funding.rates[self._next - 1]

    def has_closed(self, time_ms: int) -> None:
        """A bar has closed: what was before is over."""
        self._next = max(self._next, bisect_left(self._funding.times_ms, time_ms))

    def has_traded(self, time_ms: int) -> None:
        """Something was traded: what is due at that time was due before it."""
        self._next = max(self._next, bisect_right(self._funding.times_ms, time_ms))
