"""Where an account is liquidated: the price at which its equity has fallen to maintenance margin.

With value V at the mark, backing W (cross: the wallet and what the other positions leave of it; isolated: what was set
aside) and cost C, equity is W + V - C, and maintenance margin |V| (r + t) - d: rate r and deduction d of the risk
tier, taker rate t for the fee to close, which isolated margin leaves out on both sides. Tiers' rates rise and their
deductions join them without a step, so margin is the largest of all tiers' lines: the level is the first any meets.
Integers throughout: a long's level is rounded down and a short's up, so at the level it is so.
"""

from actors.model.instrument import Instrument
from actors.model.position import Position

__all__ = ["bankruptcy_price", "liquidation_level"]


def liquidation_level(
    position: Position, backing: int, instrument: Instrument, *, is_isolated: bool = False
) -> int | None:
    """The price, for a long falling to it and for a short rising; None if no price above zero is one."""
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
    """The price at which closing, with its fee, leaves nothing; on the side that leaves no debt."""
    held, one, taker = position.qty, instrument.rate_one, instrument.taker_rate
    if held > 0:
        return max(1, -(-(position.cost - backing) // (held * (one - taker))))
    return max(1, (backing - position.cost) // (-held * (one + taker)))
