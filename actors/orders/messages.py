"""Messages of the orders actor: approved orders in, revisions of the ledger out, and those of a reconciliation."""

import msgspec

from actors.model.backend import PositionReport
from actors.model.exits import ExitTerms, LevelTerms, TrailTerms
from actors.model.fixed import Money, Price, Qty
from actors.model.order import (
    Fill,
    LocalStatus,
    Order,
    OrderType,
    ProtectionTerms,
    Side,
    TimeInForce,
    TriggerDirection,
)
from actors.model.position import Position
from actors.model.resting import RestingOrder, RestingTerms
from actors.reconciler.messages import RunSummary
from ideacards.intents import PriceRef

__all__ = [
    "BOOKED_TOPIC",
    "EXECUTIONS_TOPIC",
    "ON_ITS_WAY",
    "ORDERS_TOPIC",
    "AdoptPosition",
    "ApprovedLadder",
    "ApprovedOrder",
    "Booked",
    "CancelDue",
    "DriftFound",
    "ExecutionRepeated",
    "ExecutionsDue",
    "FillBooked",
    "HearingDue",
    "InFlightOrder",
    "LedgerChanged",
    "LedgerQuery",
    "LocalOrder",
    "LocalView",
    "LocalViewQuery",
    "MoveLevels",
    "NeverArrived",
    "OrderUpdated",
    "PlaceTarget",
    "Reconciled",
    "ReplaceDue",
    "Requote",
    "RetryDue",
    "WithdrawResting",
]

# Topics of the journal: orders by our id, the newest executions by the venue's, checkpoints by symbol.
ORDERS_TOPIC = "orders"
EXECUTIONS_TOPIC = "executions"
BOOKED_TOPIC = "booked"


class ApprovedOrder(msgspec.Struct, frozen=True, gc=False):
    """An order that has passed validation and risk; prices and quantity are on the instrument's grids.

    `protection` is attached to the order and protects the position from its fill on. `stop_loss` and `take_profit` are
    measured from the fill's price, or prices.
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
    stop_loss: LevelTerms | None
    take_profit: LevelTerms | None
    protection: ProtectionTerms | None = None
    exits: ExitTerms | None = None
    time_in_force: TimeInForce = TimeInForce.GTC
    terms: RestingTerms | None = None
    rung: int = 0  # of a ladder's order: its number, from 1 on


class ApprovedLadder(msgspec.Struct, frozen=True, gc=False):
    """The orders of a ladder: one message, so that all of them are placed or none is."""

    orders: tuple[ApprovedOrder, ...]

    @property
    def card_id(self) -> str:
        """The card that decided it."""
        return self.orders[0].card_id

    @property
    def block_id(self) -> str:
        """The block that decided it."""
        return self.orders[0].block_id

    @property
    def bar_close_ms(self) -> int:
        """The close of the deciding bar, UTC ms."""
        return self.orders[0].bar_close_ms


class Requote(msgspec.Struct, frozen=True, gc=False):
    """Move a card's resting entry of `block_id` to another price; `close` is the deciding bar's. `rung`: of a ladder.

    A case that replaces the order may change its quantity too, and what it follows; `block_index` is that of the block
    that decided.
    """

    card_id: str
    block_id: str
    block_index: int
    bar_close_ms: int
    symbol: str
    price: Price
    close: Price
    rung: int = 0
    is_replacing: bool = False
    qty: Qty | None = None
    follows: PriceRef | None = None


class PlaceTarget(msgspec.Struct, frozen=True, gc=False):
    """Place target `leg` (from 1 on) of an entry: a reduce-only limit order. Asking twice places it once."""

    entry: str  # our id of the entry's order
    leg: int
    qty: Qty
    price: Price


class MoveLevels(msgspec.Struct, frozen=True, gc=False):
    """Move the stop loss or take profit of a position to a price, or set its trailing stop; None leaves one as it is.

    With `only_tighten` a stop loss that would be further away than the one that stands is ignored.
    """

    card_id: str
    block_id: str
    bar_close_ms: int
    symbol: str
    stop_loss: Price | None = None
    take_profit: Price | None = None
    only_tighten: bool = False
    trail: TrailTerms | None = None


class OrderUpdated(msgspec.Struct, frozen=True, gc=False):
    """A note for the record, sent to nobody: an order has changed. `order` is a copy."""

    order: Order


class FillBooked(msgspec.Struct, frozen=True, gc=False):
    """A note for the record, sent to nobody: an execution was booked.

    `card_id` and `block_id` are "" for an order that the venue placed itself.
    """

    fill: Fill
    card_id: str
    block_id: str


class ExecutionRepeated(msgspec.Struct, frozen=True, gc=False):
    """A note for the record, sent to nobody: the stream has told an execution again; it is booked already."""

    exec_id: str
    symbol: str


class Booked(msgspec.Struct, frozen=True, gc=False):
    """A checkpoint for the journal: the position that a symbol's executions add up to, and the wallet.

    Up to `complete_ms` (UTC ms of the venue) all executions are booked; None: that is not known. `protected` is the
    entry whose levels the position should have, `quarantine` why entries are blocked. The position was first taken as
    the venue stated it: it holds all executions before `begins_ms`. `base_rest` is base coin beyond whole quantities.
    `layers` counts the position's entries.
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
    is_inherited: bool = False  # nobody has adopted that first position
    layers: int = 0
    last_fill_price: Price | None = None


class InFlightOrder(msgspec.Struct, frozen=True, gc=False):
    """One order that has not ended. `may_rest`: its kind can rest; `is_resting`: it does now; `entry`: what stands
    there, of an entry that can rest.
    """

    card_id: str
    block_id: str
    bar_close_ms: int
    is_entry: bool
    may_rest: bool = False
    is_resting: bool = False
    entry: RestingOrder | None = None

    @property
    def watched(self) -> RestingOrder | None:
        """The entry if it expires or follows its price."""
        return None if self.entry is None or self.entry.terms is None else self.entry


class LedgerQuery(msgspec.Struct, frozen=True, gc=False):
    """Ask for the ledger of one symbol; LedgerChanged answers, once every symbol has been compared with the venue."""

    symbol: str


class LedgerChanged(msgspec.Struct, frozen=True):
    """One symbol at one revision of the ledger: wallet, position and orders that agree with each other.

    `wallet` = start + realised - fees, of the account. `in_flight` are all orders that have not ended, oldest first.
    `orders` and `fills` are what this revision changed: copies of the orders, and the executions it booked.
    `protected` is the entry whose stop loss and take profit the position should have. `last_fill_ms` is the time of the
    newest execution (0: none). `quarantine` says why entries are blocked, "" if they are not; they are blocked while
    the venue's position is not what the executions add up to. `layers` counts the position's entries.
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
    layers: int = 0
    last_fill_price: Price | None = None


class LocalOrder(msgspec.Struct, frozen=True, gc=False):
    """The local view of one open order."""

    link_id: str
    status: LocalStatus
    filled_qty: Qty


class LocalViewQuery(msgspec.Struct, frozen=True, gc=False):
    """Asked by the reconciler; answered by LocalView."""

    symbol: str


class LocalView(msgspec.Struct, frozen=True):
    """Our open orders of a symbol. All executions up to `complete_ms` (UTC ms of the venue) are booked.

    `complete_ms` is None before the symbol's first reconciliation.
    """

    symbol: str
    orders: tuple[LocalOrder, ...]
    complete_ms: int | None


class NeverArrived(msgspec.Struct, frozen=True, gc=False):
    """The reconciler has asked twice, and the venue does not know this order."""

    link_id: str


class Reconciled(msgspec.Struct, frozen=True):
    """What the venue states of a symbol; its reports and executions were sent before this message.

    Executions up to `complete_ms` (UTC ms of the venue) have all been sent; `wallet` is the account's, at the time of
    the position or soon after. `run` is what the report says of the reading.
    """

    position: PositionReport
    wallet: Money
    complete_ms: int
    run: RunSummary = RunSummary()


class DriftFound(msgspec.Struct, frozen=True, gc=False):
    """A note for the record, sent to nobody: the venue's view differs from ours, and no execution explains it."""

    symbol: str
    what: str


class AdoptPosition(msgspec.Struct, frozen=True, gc=False):
    """An operator's command: take over the venue's position of a quarantined symbol at the next reconciliation."""

    symbol: str


class ExecutionsDue(msgspec.Struct, frozen=True, gc=False):
    """Our own timer: the executions that a report has counted should have arrived by now."""

    symbol: str
    order_id: str
    qty: Qty


class CancelDue(msgspec.Struct, frozen=True, gc=False):
    """Our own timer: cancel this order again."""

    link_id: str


class ReplaceDue(msgspec.Struct, frozen=True, gc=False):
    """Our own timer: a card's newer exit has waited for its older one for two seconds."""

    card_id: str


class WithdrawResting(msgspec.Struct, frozen=True, gc=False):
    """Cancel all of a card's entries and quotes that have not ended; the end of each is published as usual.

    `block_id` and `bar_close_ms` are those of the decision, where a bar led to it.
    """

    card_id: str
    block_id: str = ""
    bar_close_ms: int = 0


class HearingDue(msgspec.Struct, frozen=True, gc=False):
    """Our own timer: the private stream should have told of an order by now."""


class RetryDue(msgspec.Struct, frozen=True, gc=False):
    """Our own timer: send this order again, under the same id."""

    link_id: str


ON_ITS_WAY = (ApprovedOrder, ApprovedLadder, MoveLevels, Requote, WithdrawResting)
"""What a decision of a card becomes on its way to the orders: one that dies there is a decision lost."""
