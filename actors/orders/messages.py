"""Orders in (approved), news of them out, and the local view that reconciliation compares with the venue's."""

from decimal import Decimal

import msgspec

from actors.model.backend import PositionReport
from actors.model.fixed import Price, Qty
from actors.model.order import Fill, LocalStatus, Order, OrderType, ProtectionTerms, Side, TriggerDirection

__all__ = [
    "FILLS_TOPIC",
    "ORDERS_TOPIC",
    "ApprovedOrder",
    "Booked",
    "CancelDue",
    "FillBooked",
    "InFlight",
    "InFlightOrder",
    "InFlightQuery",
    "LocalOrder",
    "LocalView",
    "LocalViewQuery",
    "NeverArrived",
    "OrderEnded",
    "OrderUpdated",
    "Reconciled",
    "ReplaceDue",
    "RetryDue",
    "WithdrawResting",
]

# In the journal: an order by our id, and the last checkpoint of the executions.
ORDERS_TOPIC = "orders"
FILLS_TOPIC = "fills"


class ApprovedOrder(msgspec.Struct, frozen=True, gc=False):
    """An order that has passed validation and risk: prices and quantity are on the grids.

    `protection` goes with the order and guards the position from its fill on; the percents are measured from the fill.
    """

    card_id: str
    block_id: str
    block_index: int
    bar_close_ms: int
    symbol: str
    side: Side
    type: OrderType
    qty: Qty
    price: Price | None
    trigger_price: Price | None
    trigger_direction: TriggerDirection | None
    reduce_only: bool
    is_entry: bool
    stop_loss: Decimal | None
    take_profit: Decimal | None
    protection: ProtectionTerms | None = None


class OrderUpdated(msgspec.Struct, frozen=True, gc=False):
    """An order's state has changed; to the card that decided it. `order` is a copy: as it stands now."""

    order: Order


class FillBooked(msgspec.Struct, frozen=True, gc=False):
    """An execution, booked once; card and block are empty for what the venue did by itself."""

    fill: Fill
    card_id: str
    block_id: str


class Booked(msgspec.Struct, frozen=True, gc=False):
    """A checkpoint for the journal: where the executions have come to, and the last of them, `fills`.

    Up to `last_seq` all are booked, and those of `ahead` beyond it. `net` is the position that they come to, and
    `protected` the entry whose levels it should have.
    """

    fills: tuple[Fill, ...]
    last_seq: int
    ahead: tuple[int, ...]
    last_fill_ms: int
    net: int
    protected: Order | None


class InFlightQuery(msgspec.Struct, frozen=True, gc=False):
    """Which orders have not ended? Answered by InFlight."""


class InFlightOrder(msgspec.Struct, frozen=True, gc=False):
    """One order that has not ended."""

    card_id: str
    block_id: str
    bar_close_ms: int
    is_entry: bool
    may_rest: bool = False


class InFlight(msgspec.Struct, frozen=True):
    """All of them, oldest first, and the time of the last execution that is booked (0: none)."""

    orders: tuple[InFlightOrder, ...]
    last_fill_ms: int = 0


class OrderEnded(msgspec.Struct, frozen=True, gc=False):
    """An order is in flight no more; to the processor that counts them."""

    order: Order


class LocalOrder(msgspec.Struct, frozen=True, gc=False):
    """What we believe of one open order."""

    link_id: str
    status: LocalStatus
    filled_qty: Qty


class LocalViewQuery(msgspec.Struct, frozen=True, gc=False):
    """For the reconciler; answered by LocalView."""


class LocalView(msgspec.Struct, frozen=True):
    """Open orders as we believe them, and the sequence of the last execution that leaves no hole behind it."""

    orders: tuple[LocalOrder, ...]
    last_seq: int


class NeverArrived(msgspec.Struct, frozen=True, gc=False):
    """The evidence ladder is done: the venue does not know this order."""

    link_id: str


class Reconciled(msgspec.Struct, frozen=True):
    """Local view and venue agree: orders may go out. Carries the position, for what must protect it."""

    position: PositionReport


class CancelDue(msgspec.Struct, frozen=True, gc=False):
    """Our own timer: cancel this order again."""

    link_id: str


class ReplaceDue(msgspec.Struct, frozen=True, gc=False):
    """Our own timer: a card's newer exit has waited for the older one long enough."""

    card_id: str


class WithdrawResting(msgspec.Struct, frozen=True, gc=False):
    """End all of a card's entries and quotes that have not ended; what becomes of each is reported as ever."""

    card_id: str


class RetryDue(msgspec.Struct, frozen=True, gc=False):
    """Our own timer: send this order again, with its id."""

    link_id: str
