"""How much of our orders the market fills: a share of each bar's volume, and for resting orders the recorded trades.

Without either, everything fills at once. Taking and resting orders draw on the same share of a bar. A resting order
meets one recorded trade after the other and fills at most the size of each. A liquidation is not limited.
"""

from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Protocol

from actors.model.fixed import power_of_ten
from actors.model.instrument import Instrument
from ideacards.feeds import Bars

__all__ = ["Liquidity", "TradeSizes"]

_EVERYTHING = 1 << 62


class TradeSizes(Protocol):
    """Finer data that includes the traded quantities."""

    def size_at(self, bar: int, point: int) -> int | None:
        """Quantity of the trade at a point of the bar's path, 0 where no trade is; None in a bar without trades."""


class Liquidity:
    """We may fill `share` (top, bottom) of a bar's volume, (0, 1) sets no limit; whole steps, rounded down."""

    def __init__(self, bars: Bars, instrument: Instrument, share: tuple[int, int], sizes: TradeSizes | None) -> None:
        self._volumes = bars.volume
        self._share = Fraction(*share) if share[0] else None
        self._unit = power_of_ten(instrument.qty_digits)
        self._step = instrument.step
        self._sizes = sizes
        self._bar = -1
        self._point = -1
        self._used = self._used_at_point = 0

    @property
    def is_limited(self) -> bool:
        """Whether volume or trade sizes limit our fills."""
        return self._share is not None or self._sizes is not None

    def take_over(self, other: "Liquidity") -> None:
        """Copy how much another has used."""
        self._bar, self._point = other._bar, other._point
        self._used, self._used_at_point = other._used, other._used_at_point

    def available(self, bar: int, point: int, *, rests: bool) -> int:
        """Quantity that an order can fill at this point of the bar; `point` counts only for an order that `rests`."""
        self._come_to(bar, point if rests else self._point)
        found = _EVERYTHING
        if self._share is not None:
            volume = Fraction(Decimal(repr(float(self._volumes[bar])))) * self._unit
            found = floor(self._share * volume / self._step) * self._step - self._used
        if rests and self._sizes is not None:
            size = self._sizes.size_at(bar, point)
            if size is not None:
                found = min(found, size - self._used_at_point)
        return max(0, found)

    def use(self, qty: int, *, rests: bool) -> None:
        """Deduct `qty` from what is available."""
        self._used += qty
        if rests:
            self._used_at_point += qty

    def forget_bar(self, bar: int) -> None:
        """Another bar has this index now."""
        if self._bar == bar:
            self._bar = -1

    def has_trades(self, bar: int) -> bool:
        """Whether a later point of this bar's path may fill more of a resting order."""
        return self._sizes is not None and self._sizes.size_at(bar, 0) is not None

    def _come_to(self, bar: int, point: int) -> None:
        if bar != self._bar:
            self._bar, self._used, self._point, self._used_at_point = bar, 0, point, 0
        elif point != self._point:
            self._point, self._used_at_point = point, 0
