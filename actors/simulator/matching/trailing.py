"""The trailing stop of a position: it follows the best last price at a distance, and never goes back.

A long's stop lies `distance` below the highest price seen since it became active, a short's above the lowest. Along a
straight leg the best price is at one of its ends, so the level need only be known where the path turns.
"""

import attrs

__all__ = ["Trail"]


@attrs.define(eq=False)
class Trail:
    """`is_long`: of a long position; `best` is the best price seen."""

    is_long: bool
    distance: int
    best: int

    @property
    def level(self) -> int:
        """Where it stops."""
        return self.best - self.distance if self.is_long else self.best + self.distance

    def see(self, price: int) -> None:
        """The price has been here."""
        self.best = max(self.best, price) if self.is_long else min(self.best, price)

    def see_range(self, low: int, high: int) -> None:
        """The price has been at both."""
        self.see(high if self.is_long else low)

    def met_on(self, start: int, end: int) -> int | None:
        """Where the straight way from `start` to `end` meets it; it sees the way up to there, or all of it."""
        self.see(start)
        level = self.level
        if start <= level if self.is_long else start >= level:
            return start
        if end <= level if self.is_long else end >= level:
            return level
        self.see(end)
        return None
