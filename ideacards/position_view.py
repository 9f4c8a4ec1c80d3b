"""Account facts that an expression may read at the deciding close; the strategy sets them before each evaluation."""

import attrs

__all__ = ["PositionView"]


@attrs.define
class PositionView:
    """`qty_sign` -1, 0 or 1; `size` signed, in base coin; `entry_price` None while flat; `equity` in quote coin."""

    qty_sign: int = 0
    has_entry_in_flight: bool = False
    size: float = 0.0
    entry_price: float | None = None
    equity: float = 0.0
