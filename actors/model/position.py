"""The exact net position of one symbol: signed quantity and total cost.

Averages are only computed for display. A partial close takes its share of the cost, rounded down to Money's grid; the
remainder stays in the cost, so realised PnL and cost always add up to the cash that moved.
"""

import msgspec

from actors.model.fixed import Money, Qty

__all__ = ["FLAT", "Position", "apply_fill"]


class Position(msgspec.Struct, frozen=True, gc=False):
    """Signed quantity and signed cost, the value paid for the position (negative for a short)."""

    qty: Qty = Qty(0)
    cost: Money = Money(0)


FLAT = Position()


def apply_fill(position: Position, signed_qty: int, value: int) -> tuple[Position, Money]:
    """The position after a fill of `signed_qty` worth `value` (Money, positive), and the PnL it realised.

    A fill through zero closes the position and opens the rest; `value` is split by quantity.
    """
    held = position.qty
    if signed_qty == -held and held:  # the common case: it closes all
        return FLAT, Money((value if held > 0 else -value) - position.cost)
    if held == 0 or (held > 0) == (signed_qty > 0):
        sign = 1 if signed_qty > 0 else -1
        return Position(Qty(held + signed_qty), Money(position.cost + sign * value)), Money(0)
    closed = min(abs(held), abs(signed_qty))
    cost_share = position.cost * closed // abs(held)
    value_share = value * closed // abs(signed_qty)
    sign = 1 if held > 0 else -1
    realised = Money(sign * value_share - cost_share)
    rest = Position(Qty(held - sign * closed), Money(position.cost - cost_share))
    if closed == abs(signed_qty):
        return rest, realised
    opened, _ = apply_fill(FLAT, signed_qty + sign * closed, value - value_share)
    return opened, realised
