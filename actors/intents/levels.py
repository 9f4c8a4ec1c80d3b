"""Resolves an entry's stop loss and take profit: what a feature says becomes a distance or a price on the tick.

A feature's distance is rounded up to the tick, a price away from the entry. The venue gets levels measured from the
order's own price, and protection moves them when the entry fill's price is known.
"""

import msgspec

from actors.intents.refusing import Refused
from actors.model.exits import ExitTerms, FixedLevel, LevelTerms, TargetTerms
from actors.model.fixed import Price, Rounding, fixed_from_decimal
from actors.model.instrument import Instrument
from actors.model.levels import stop_loss_price, take_profit_price
from actors.model.order import ProtectionTerms, Side
from actors.model.pricing import base_of
from actors.model.result import RejectReason
from actors.strategy.messages import Facts
from ideacards.intents import AtPrice, Distance, ExitPlan, IntentMetadata, Level, LevelAt, TickDistance

__all__ = ["EntryLevels", "attached", "levels_of", "resolve_level"]

_MAX_PRICE = 1 << 62  # the loader and the venue have the same bound


class EntryLevels(msgspec.Struct, frozen=True, gc=False):
    """Stop loss and take profit of an entry, resolved."""

    stop_loss: LevelTerms | None = None
    take_profit: LevelTerms | None = None
    exits: ExitTerms | None = None


def levels_of(metadata: IntentMetadata, side: Side, facts: Facts, instrument: Instrument) -> EntryLevels:
    """The levels of an entry on `side`; Refused where a feature has no value."""
    stop_loss, take_profit = metadata.stop_loss, metadata.take_profit
    return EntryLevels(
        None if stop_loss is None else resolve_level(stop_loss, -side, facts, instrument),
        None if take_profit is None else resolve_level(take_profit, side, facts, instrument),
        exits_of(metadata.exits, side, facts, instrument),
    )


def resolve_level(level: Level, sign: int, facts: Facts, instrument: Instrument) -> LevelTerms:
    """One level; `sign` is +1 above the entry and -1 below. Refused where a feature has no value or no valid price."""
    match level:
        case TickDistance():
            return FixedLevel(distance=Price(level.ticks * instrument.tick))
        case Distance():
            base = base_of(level.feature, facts, instrument)
            if base is not None:
                more, whole = level.multiple.as_integer_ratio()
                distance = instrument.round_price(base[0] * more, base[1] * whole, Rounding.UP)
                if 0 < distance < _MAX_PRICE:
                    return FixedLevel(distance=distance)
            raise Refused(RejectReason.UNRESOLVED_PRICE, f"{level.feature} is no distance")
        case LevelAt():
            base = base_of(level.price, facts, instrument)
            if base is not None:
                price = instrument.round_price(*base, Rounding.UP if sign > 0 else Rounding.DOWN)
                if 0 < price < _MAX_PRICE:
                    return FixedLevel(price=price)
            raise Refused(RejectReason.UNRESOLVED_PRICE, f"{level.price} has no value")
        case AtPrice():
            return FixedLevel(price=Price(fixed_from_decimal(level.at, instrument.price_digits)))
        case _:
            return level


def exits_of(plan: ExitPlan | None, side: Side, facts: Facts, instrument: Instrument) -> ExitTerms | None:
    """The exits of an entry on `side`; Refused where a feature has no value."""
    if plan is None:
        return None
    trail, even = plan.trail, plan.break_even
    along = trail.distance.price if trail is not None and isinstance(trail.distance, LevelAt) else ""
    distance = start = None
    if trail is not None and not along:
        distance = resolve_level(trail.distance, -side, facts, instrument)
        start = None if trail.activation is None else resolve_level(trail.activation, side, facts, instrument)
    return ExitTerms(
        targets=tuple(
            TargetTerms(resolve_level(target.level, side, facts, instrument), target.fraction)
            for target in plan.targets
        ),
        trail=distance,
        trail_from=start,
        trail_along=along,
        break_even_r=None if even is None else even.at_r,
        break_even_target=None if even is None else even.at_target,
        break_even_ticks=0 if even is None else even.offset_ticks,
        time_stop_bars=plan.time_stop,
        session_end=plan.session_end,
    )


def attached(
    levels: EntryLevels, side: Side, base: Price, better: Price, instrument: Instrument
) -> ProtectionTerms | None:
    """The levels that go with the order, the stop loss measured from `better` and the take profit from `base`.

    Refused where a stated price is on the wrong side of the market. A distance that leads to no valid price is left
    out: the protection actor sets a level once the fill is known.
    """
    stop_loss, take_profit = levels.stop_loss, levels.take_profit
    if stop_loss is None and take_profit is None:
        return None
    _check_side("stop loss", stop_loss, -side, better, instrument)
    _check_side("take profit", take_profit, side, base, instrument)
    stop_price = None if stop_loss is None else stop_loss_price(instrument, side, better, stop_loss)
    profit_price = None if take_profit is None else take_profit_price(instrument, side, base, take_profit)
    if stop_price is not None and not 0 < stop_price < _MAX_PRICE:
        stop_price = None
    if profit_price is not None and not 0 < profit_price < _MAX_PRICE:
        profit_price = None
    return None if stop_price is None and profit_price is None else ProtectionTerms(stop_price, profit_price)


def _check_side(name: str, level: LevelTerms | None, sign: int, base: Price, instrument: Instrument) -> None:
    if isinstance(level, FixedLevel) and level.price is not None and sign * (level.price - base) <= 0:
        where = "above" if sign > 0 else "below"
        what = f"{name} {instrument.price_text(level.price)} is not {where} {instrument.price_text(base)}"
        raise Refused(RejectReason.LEVEL_SIDE, what)
