"""The exits of an entry, resolved: only the entry fill's price is missing."""

from decimal import Decimal

import msgspec

from actors.model.fixed import Price

__all__ = ["ExitTerms", "FixedLevel", "LevelTerms", "TargetTerms", "TrailTerms"]


class FixedLevel(msgspec.Struct, frozen=True, gc=False):
    """A distance in price from the entry fill, or a price; exactly one of them is set, both on the tick."""

    distance: Price | None = None
    price: Price | None = None


LevelTerms = Decimal | FixedLevel
"""Where a stop loss or take profit lies; a Decimal is a distance in percent of the entry fill's price."""


class TargetTerms(msgspec.Struct, frozen=True):
    """One target of a ladder: a share of what the entry filled leaves at this level."""

    level: LevelTerms
    fraction: Decimal


class TrailTerms(msgspec.Struct, frozen=True):
    """A trailing stop: at a distance, from `starts` on (None: at once), or `along` a feature."""

    distance: FixedLevel | None = None
    starts: FixedLevel | None = None
    along: str = ""


class ExitTerms(msgspec.Struct, frozen=True):
    """What ends the position besides stop loss and take profit.

    The venue's trailing stop follows at the distance `trail`, from `trail_from` on (None: at once); `trail_along` is a
    feature that the stop loss follows at exec closes. The stop loss moves to the entry plus `break_even_ticks` once a
    close has gained `break_even_r` times the first risk, or the target `break_even_target` has filled. `session_end` is
    a minute of the day in UTC.
    """

    targets: tuple[TargetTerms, ...] = ()
    trail: LevelTerms | None = None
    trail_from: LevelTerms | None = None
    trail_along: str = ""
    break_even_r: Decimal | None = None
    break_even_target: int | None = None
    break_even_ticks: int = 0
    time_stop_bars: int | None = None
    session_end: int | None = None
