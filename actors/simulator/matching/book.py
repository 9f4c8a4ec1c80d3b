"""The book of pending orders, sorted so that the next one a price meets is found at once.

Four ladders: limits and triggers, each met by a falling or by a rising price, nearest last. A limit is met at its own
price, but only on a leg that goes `through` beyond it; a trigger is met at its level. Orders whose level the price has
already passed come first, the farthest passed before the others. A scan of all orders gives the same answer, more
slowly.
"""

from bisect import bisect_left, insort
from typing import NamedTuple

from actors.model.errors import InvariantError
from actors.simulator.matching.arithmetic import touch_level
from actors.simulator.matching.pending import PendingOrder

__all__ = ["Meeting", "PendingOrderBook"]

_NEVER_FALLING = -1
_NEVER_RISING = 1 << 62  # no price is as high

Ladder = list[tuple[int, int, PendingOrder]]  # (nearness, -number, order): the next one met is the last


class Meeting(NamedTuple):
    """An order and the price at which a leg meets it."""

    order: PendingOrder
    price: int


class PendingOrderBook:
    """`fall_level`: a falling price meets an order once it reaches this level; `rise_level`: the same for a rise."""

    def __init__(self, through: int) -> None:
        self._through = through
        self._falling_limits: Ladder = []
        self._falling_triggers: Ladder = []
        self._rising_limits: Ladder = []
        self._rising_triggers: Ladder = []
        self.size = 0
        self.trailing: PendingOrder | None = None  # the active trailing stop; the walk knows its level
        self.fall_level = _NEVER_FALLING
        self.rise_level = _NEVER_RISING

    def add(self, order: PendingOrder) -> None:
        """Insert an order at its level."""
        ladder, entry = self._ladder_of(order)
        insort(ladder, entry)
        order.is_in_book = True
        self.size += 1
        self._look_ahead()

    def remove(self, order: PendingOrder) -> None:
        """Remove an order; its level and number must be those it was added with, else InvariantError."""
        ladder, entry = self._ladder_of(order)
        at = bisect_left(ladder, entry)
        if at == len(ladder) or ladder[at][2] is not order:
            raise InvariantError(f"order {order.order_id} is not in the book where it should be")
        del ladder[at]
        order.is_in_book = False
        self.size -= 1
        self._look_ahead()

    def follow(self, order: PendingOrder | None) -> None:
        """Set the active trailing stop, or clear it with None."""
        self.size += (order is not None) - (self.trailing is not None)
        self.trailing = order

    def next_met(self, start: int, end: int) -> Meeting | None:
        """The first order met on the straight leg from `start` to `end`, including levels that `start` has passed."""
        lowest, highest = (end, start) if end < start else (start, end)
        if self.fall_level < lowest and self.rise_level > highest:
            return None
        best: PendingOrder | None = None
        best_rank = (0, 0)
        for ladder, through, side in (
            (self._falling_triggers, 0, 1),
            (self._rising_triggers, 0, -1),
            (self._falling_limits, self._through, 1),
            (self._rising_limits, self._through, -1),
        ):
            if not ladder:
                continue
            nearness, negative_number, order = ladder[-1]
            level = side * nearness
            reached = touch_level(side, level, through)
            if reached < lowest if side > 0 else reached > highest:
                continue
            rank = (side * (start - level), -negative_number)
            if best is None or rank < best_rank:
                best, best_rank = order, rank
        if best is None:
            return None
        level = best.level
        return Meeting(best, level if best_rank[0] > 0 else start)

    def _ladder_of(self, order: PendingOrder) -> tuple[Ladder, tuple[int, int, PendingOrder]]:
        if order.is_met_falling:
            ladder = self._falling_triggers if order.is_untriggered else self._falling_limits
            return ladder, (order.level, -order.number, order)
        ladder = self._rising_triggers if order.is_untriggered else self._rising_limits
        return ladder, (-order.level, -order.number, order)

    def _look_ahead(self) -> None:
        fall, rise = _NEVER_FALLING, _NEVER_RISING
        if self._falling_triggers:
            fall = self._falling_triggers[-1][0]
        if self._falling_limits:
            fall = max(fall, self._falling_limits[-1][0] - self._through)
        if self._rising_triggers:
            rise = -self._rising_triggers[-1][0]
        if self._rising_limits:
            rise = min(rise, -self._rising_limits[-1][0] + self._through)
        self.fall_level, self.rise_level = fall, rise
