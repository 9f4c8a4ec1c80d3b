"""Orders in (approved), revisions of the ledger out, and the local view that a reconciliation begins with."""

from decimal import Decimal

import msgspec

from actors.model.backend import PositionReport
from actors.model.fixed import Money, Price, Qty
from actors.model.order import Fill, LocalStatus, Order, OrderType, ProtectionTerms, Side, TriggerDirection
from actors.model.position import Position

__all__ = [
    "BOOKED_TOPIC",
    "EXECUTIONS_TOPIC",
    "ORDERS_TOPIC",
    "AdoptPosition",
    "ApprovedOrder",
    "Booked",
    "CancelDue",
    "DriftFound",
    "ExecutionsDue",
    "FillBooked",
    "InFlightOrder",
    "LedgerChanged",
    "LedgerQuery",
    "LocalOrder",
    "LocalView",
    "LocalViewQuery",
    "NeverArrived",
    "OrderUpdated",
    "Reconciled",
    "ReplaceDue",
    "RetryDue",
    "WithdrawResting",
]

# In the journal: an order by our id, the newest executions by theirs, and what they have come to by symbol.
ORDERS_TOPIC = "orders"
EXECUTIONS_TOPIC = "executions"
BOOKED_TOPIC = "booked"


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
    """On the record alone: an order's state has changed. `order` is a copy: as it stands now."""

    order: Order


class FillBooked(msgspec.Struct, frozen=True, gc=False):
    """On the record alone: an execution, booked once; card and block are empty for what the venue did by itself."""

    fill: Fill
    card_id: str
    block_id: str


class Booked(msgspec.Struct, frozen=True, gc=False):
    """A checkpoint for the journal: what the executions of a symbol have come to, and the wallet with them.

    Up to `complete_ms` (UTC ms of the venue) all executions are booked; None: that is not known. `protected` is the
    entry whose levels the position should have, `quarantine` why entries are blocked. The position was first taken as
    the venue stated it: it holds all executions before `begins_ms`. `base_rest` is base coin beyond whole quantities.
    """

    symbol: str
    wallet: Money
    position: Position
    last_fill_ms: int
    complete_ms: int | None
    protected: Order | None
    quarantine: str = ""
    begins_ms: int = 0
    base_rest: Money = Money(0)


class InFlightOrder(msgspec.Struct, frozen=True, gc=False):
    """One order that has not ended; `may_rest` says that its kind can, `is_resting` that it does."""

    card_id: str
    block_id: str
    bar_close_ms: int
    is_entry: bool
    may_rest: bool = False
    is_resting: bool = False


class LedgerQuery(msgspec.Struct, frozen=True, gc=False):
    """The ledger of one symbol as it is; answered by LedgerChanged, once local view and venue agree."""

    symbol: str


class LedgerChanged(msgspec.Struct, frozen=True):
    """One symbol at one revision of the ledger: money, position and orders that agree with each other.

    `wallet` = start + realised - fees, of the account. `in_flight` are all orders that have not ended, oldest first.
    `orders` and `fills` are what this revision changed: copies of the orders, and the executions it booked.
    `protected` is the entry whose stop and target the position should have. `last_fill_ms` is the time of the newest
    execution (0: none). `quarantine` says why entries are blocked: the venue's position is not what the executions come
    to; empty: they are not.
    """

    revision: int
    symbol: str
    wallet: Money
    position: Position
    in_flight: tuple[InFlightOrder, ...]
    orders: tuple[Order, ...] = ()
    fills: tuple[Fill, ...] = ()
    protected: Order | None = None
    last_fill_ms: int = 0
    quarantine: str = ""


class LocalOrder(msgspec.Struct, frozen=True, gc=False):
    """What we believe of one open order."""

    link_id: str
    status: LocalStatus
    filled_qty: Qty


class LocalViewQuery(msgspec.Struct, frozen=True, gc=False):
    """For the reconciler; answered by LocalView."""

    symbol: str


class LocalView(msgspec.Struct, frozen=True):
    """Open orders of a symbol as we believe them; up to `complete_ms` (UTC ms of the venue) all executions are booked.

    None: nothing is known of it yet.
    """

    symbol: str
    orders: tuple[LocalOrder, ...]
    complete_ms: int | None


class NeverArrived(msgspec.Struct, frozen=True, gc=False):
    """The evidence ladder is done: the venue does not know this order."""

    link_id: str


class Reconciled(msgspec.Struct, frozen=True):
    """What the venue states of a symbol, its corrections having been sent before: orders may go out.

    Executions up to `complete_ms` (UTC ms of the venue) have all been handed over; `wallet` is the account's, at the
    time of the position or soon after.
    """

    position: PositionReport
    wallet: Money
    complete_ms: int


class DriftFound(msgspec.Struct, frozen=True, gc=False):
    """On the record alone: the venue's view and ours differ in a way that no execution explains."""

    symbol: str
    what: str


class AdoptPosition(msgspec.Struct, frozen=True, gc=False):
    """An operator's command: take over the venue's position of a quarantined symbol at the next reconciliation."""

    symbol: str


class ExecutionsDue(msgspec.Struct, frozen=True, gc=False):
    """Our own timer: by now the executions that the venue has told of should have come."""

    symbol: str
    order_id: str
    qty: Qty


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
