"""How much of our orders the market takes: a share of each bar's volume, and for resting ones what was traded.

Without either, everything fills at once. What takes and what rests draws on the same share of a bar; what rests is met
by one recorded trade after the other and gets no more of each than its size. A liquidation is the venue's own and
takes what it needs.
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
    """Finer data that knows what was traded."""

    def size_at(self, bar: int, point: int) -> int | None:
        """Quantity of the trade at a point of the bar's path, 0 where it is no trade's; None in a bar without any."""


class Liquidity:
    """`share` (top, bottom) of a bar's volume may be ours, (0, 1) for all; quantities in whole steps, rounded down."""

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
        """Whether there is anything to reckon with."""
        return self._share is not None or self._sizes is not None

    def take_over(self, other: "Liquidity") -> None:
        """As much is used as another has used."""
        self._bar, self._point = other._bar, other._point
        self._used, self._used_at_point = other._used, other._used_at_point

    def available(self, bar: int, point: int, *, rests: bool) -> int:
        """What an order finds on the way to this point of the bar; what takes comes to no point of its own."""
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
        """Of what was found last, so much is gone."""
        self._used += qty
        if rests:
            self._used_at_point += qty

    def has_trades(self, bar: int) -> bool:
        """Whether a later point of this bar's path may bring more for what rests."""
        return self._sizes is not None and self._sizes.size_at(bar, 0) is not None

    def _come_to(self, bar: int, point: int) -> None:
        if bar != self._bar:
            self._bar, self._used, self._point, self._used_at_point = bar, 0, point, 0
        elif point != self._point:
            self._point, self._used_at_point = point, 0
