"""The trailing stop of a position: it follows the best last price at a fixed distance and never moves back.

A long's stop is `distance` below the highest price seen since activation, a short's above the lowest. On a straight leg
the best price is at one of its ends, so the level is only needed where the path turns.
"""

import attrs

__all__ = ["Trail"]


@attrs.define(eq=False)
class Trail:
    """`is_long` says whether it protects a long; `best` is the best price seen since activation."""

    is_long: bool
    distance: int
    best: int

    @property
    def level(self) -> int:
        """The stop price now."""
        return self.best - self.distance if self.is_long else self.best + self.distance

    def see(self, price: int) -> None:
        """Count a price that was traded."""
        self.best = max(self.best, price) if self.is_long else min(self.best, price)

    def see_range(self, low: int, high: int) -> None:
        """Count a range that was traded."""
        self.see(high if self.is_long else low)

    def met_on(self, start: int, end: int) -> int | None:
        """Price at which the straight leg from `start` to `end` meets the stop, or None; counts the prices passed."""
        self.see(start)
        level = self.level
        if start <= level if self.is_long else start >= level:
            return start
        if end <= level if self.is_long else end >= level:
            return level
        self.see(end)
        return None
