"""The venue's record of one order from acceptance to its end: its request, its status and its fills.

The record makes no decisions; the matching engine changes it. A position's stop loss and take profit are such records
too, with an origin and without a link id.
"""

from typing import Any

from actors.model.fixed import Money, Qty
from actors.model.order import OrderReport, OrderRequest, OrderType, Side, TriggerDirection, VenueStatus
from actors.model.origins import Origin
from actors.simulator.matching.told import TOLD, USER_STOP

__all__ = ["FROM_HERE", "PendingOrder"]

FROM_HERE = 0
_MARKET = OrderType.MARKET
_NO_QTY = Qty(0)
_NO_MONEY = Money(0)
_USER = Origin.USER
_BY_USER = TOLD[_USER]


class PendingOrder:
    """`number` is its time priority, `is_untriggered` says that it waits for its trigger, `qty` is its whole quantity.

    `live_point` is the point of its line's path at which what is left of a partial fill may trade again. `worst_price`
    is the worst price a market order may fill at, or None. `rests` says that the order has been in the book; what is
    left of it after a partial fill returns there.

    `told` is how the venue tells its origin. Most orders keep these class defaults, which makes creating one cheap.
    """

    told = _BY_USER
    is_market = False  # executes at any price once it is active
    is_untriggered = False
    number = 0
    status = VenueStatus.NEW
    updated_ms = 0
    live_point = FROM_HERE
    # The PriceLine in whose book it rests, or for whose path it waits. Typed Any: lines import orders, not the reverse.
    line: Any = None
    is_in_book = False
    rests = False
    worst_price: int | None = None
    reserved = 0  # price x quantity that the account holds margin for
    reserved_qty = 0
    filled_qty = _NO_QTY
    filled_value = _NO_MONEY
    reason = ""
    trail_distance = 0  # of a trailing stop
    oco_sibling: "PendingOrder | None" = None  # the other order of a partial stop loss and take profit

    def __init__(self, request: OrderRequest, order_id: str, arrived_ms: int, origin: Origin) -> None:
        self.request = request
        self.order_id = order_id
        self.arrived_ms = arrived_ms
        self.origin = origin
        self.qty = request.qty
        self.is_market = request.type is _MARKET
        if request.trigger_price is not None:
            self.is_untriggered = True
            self.told = USER_STOP
            self.status = VenueStatus.UNTRIGGERED
        if origin is not _USER:
            self.told = TOLD[origin]

    @property
    def is_met_falling(self) -> bool:
        """Whether a falling price meets it: a buy limit, or a trigger that waits for a fall."""
        if self.is_untriggered:
            return self.request.trigger_direction is TriggerDirection.FALL
        return self.request.side is Side.BUY

    @property
    def level(self) -> int:
        """Its price in the book: the trigger price while untriggered, then the limit price."""
        level = self.request.trigger_price if self.is_untriggered else self.request.price
        assert level is not None
        return level

    @property
    def left(self) -> int:
        """The quantity that may still fill."""
        return self.qty - self.filled_qty

    def report(self) -> OrderReport:
        """A report of its current state."""
        request = self.request
        return OrderReport(
            order_id=self.order_id,
            link_id=request.link_id,
            symbol=request.symbol,
            side=request.side,
            type=request.type,
            status=self.status,
            qty=self.qty,
            filled_qty=self.filled_qty,
            filled_value=self.filled_value,
            price=request.price,
            trigger_price=request.trigger_price,
            reduce_only=request.reduce_only,
            time_ms=self.updated_ms,
            create_type=self.told.create_type,
            stop_order_type=self.told.stop_order_type,
            reason=self.reason,
        )
