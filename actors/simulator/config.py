"""Settings of the simulated venue, and what it does not model yet (a result says so and never shows it as zero)."""

from enum import StrEnum
from typing import Any

import attrs

from actors.model.fixed import Money
from actors.simulator.prices.path import PathPolicy
from actors.simulator.venue.limits import VenueRates

__all__ = ["NOT_MODELLED", "MarginMode", "PriceBand", "VenueConfig"]

NOT_MODELLED = ("price_band", "maintenance_margin", "liquidation", "funding")


class PriceBand(StrEnum):
    """What the venue does with a limit price beyond the price band; a setting of the account."""

    REPRICE = "reprice"  # moved to the nearest allowed price, without notice
    REJECT = "reject"

    @property
    def rejects(self) -> bool:
        """Whether the order is rejected."""
        return self is PriceBand.REJECT


class MarginMode(StrEnum):
    """Which money backs a position."""

    CROSS = "cross"  # the whole account
    ISOLATED = "isolated"  # the position's own margin only


def _at_least(least: int) -> Any:
    def validate(_: object, field: "attrs.Attribute[int]", value: object) -> None:
        if not isinstance(value, int) or value < least:
            raise ValueError(f"{field.name} must be an integer of at least {least}, not {value!r}")

    return validate


@attrs.frozen(kw_only=True)
class VenueConfig:
    """How orders fill, what they cost and how fast requests may come. Shares are fractions (numerator, denominator).

    `limit_fill_ticks`: ticks the path must go beyond a resting limit to fill it; 0 means that a touch fills it.
    A taker's price is worse than the market's by `slippage_ticks` plus `slippage_share` of the price. A market order
    fills no farther than `slippage_tolerance_ticks` and `slippage_tolerance_share` beyond the price at which it was
    sent or triggered; 0 sets no limit. We fill at most `volume_share` of a bar's volume; 0 sets no limit.
    """

    path: PathPolicy = attrs.field(converter=PathPolicy)
    limit_fill_ticks: int = attrs.field(default=1, validator=_at_least(0))
    drift_ticks_per_second: int = attrs.field(default=1, validator=_at_least(0))
    slippage_ticks: int = attrs.field(default=0, validator=_at_least(0))
    slippage_share: tuple[int, int] = (0, 1)
    slippage_tolerance_ticks: int = attrs.field(default=0, validator=_at_least(0))
    slippage_tolerance_share: tuple[int, int] = (0, 1)
    volume_share: tuple[int, int] = (0, 1)
    price_band: PriceBand = attrs.field(default=PriceBand.REPRICE, converter=PriceBand)
    margin_mode: MarginMode = attrs.field(default=MarginMode.CROSS, converter=MarginMode)
    feed_is_late: bool = False  # closed bars reach their readers after a delay
    leverage: int = attrs.field(validator=_at_least(1))
    start_equity: Money = attrs.field(validator=_at_least(1))
    rates: VenueRates = attrs.Factory(VenueRates)
