"""The liquidation price: where the account's equity has fallen to its maintenance margin.

With value V at the mark, backing W (cross: the wallet plus the other positions' PnL; isolated: the position's margin)
and cost C, equity is W + V - C, and maintenance margin is |V| (r + t) - d: rate r and deduction d of the risk tier,
taker rate t for the fee to close, which isolated margin leaves out on both sides. Rates rise from tier to tier and the
deductions make margin continuous, so margin is the largest of all tiers' lines, and the level is the first at which
any line is reached. Integers throughout: a long's level is rounded down and a short's up, so that at the level equity
does not exceed maintenance margin.
"""

from actors.model.instrument import Instrument
from actors.model.position import Position

__all__ = ["bankruptcy_price", "liquidation_level"]


def liquidation_level(
    position: Position, backing: int, instrument: Instrument, *, is_isolated: bool = False
) -> int | None:
    """The price at which a falling market liquidates a long, or a rising one a short; None if no price does."""
    held, tiers = position.qty, instrument.tiers
    if not held or not tiers:
        return None
    one, taker = instrument.rate_one, 0 if is_isolated else instrument.taker_rate
    if held > 0:
        missing = position.cost - backing
        level = max(
            (missing - tier.deduction) // (held * (one - tier.maintenance_margin_rate - taker)) for tier in tiers
        )
        return level if level > 0 else None
    owed = backing - position.cost
    return max(
        1, min(-(-(owed + tier.deduction) // (-held * (one + tier.maintenance_margin_rate + taker))) for tier in tiers)
    )


def bankruptcy_price(position: Position, backing: int, instrument: Instrument) -> int:
    """The price at which closing, with its fee, leaves nothing; rounded to the side that leaves no debt."""
    held, one, taker = position.qty, instrument.rate_one, instrument.taker_rate
    if held > 0:
        return max(1, -(-(position.cost - backing) // (held * (one - taker))))
    return max(1, (backing - position.cost) // (-held * (one + taker)))
