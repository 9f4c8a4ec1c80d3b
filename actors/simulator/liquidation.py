"""Where an account is liquidated: the price at which its equity has fallen to maintenance margin.

Cross margin, one position. With value V at the mark, wallet W and cost C, equity is W + V - C, and maintenance margin
|V| (r + t) - d: rate r and deduction d of the risk tier, taker rate t for the fee to close. Tiers' rates rise and their
deductions join them without a step, so margin is the largest of all tiers' lines: the level is the first any meets.
Integers throughout: a long's level is rounded down and a short's up, so at the level it is so.
"""

from actors.model.instrument import Instrument
from actors.model.position import Position

__all__ = ["bankruptcy_price", "liquidation_level"]


def liquidation_level(position: Position, wallet: int, place: Instrument) -> int | None:
    """The price, for a long falling to it and for a short rising; None if no price above zero is one."""
    held = position.qty
    if not held or not place.maintenance:
        return None
    one, taker = place.rate_one, place.taker_rate
    if held > 0:
        missing = position.cost - wallet
        level = max((missing - d) // (held * (one - rate - taker)) for rate, d in place.maintenance)
        return level if level > 0 else None
    owed = wallet - position.cost
    return max(1, min(-(-(owed + d) // (-held * (one + rate + taker))) for rate, d in place.maintenance))


def bankruptcy_price(position: Position, wallet: int, place: Instrument) -> int:
    """The price at which closing, with its fee, leaves nothing; on the side that leaves no debt."""
    held, one, taker = position.qty, place.rate_one, place.taker_rate
    if held > 0:
        return max(1, -(-(position.cost - wallet) // (held * (one - taker))))
    return max(1, (wallet - position.cost) // (-held * (one + taker)))
