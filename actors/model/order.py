"""Orders: the request we send, the venue's reports about it, executions, and our record of its life."""

from enum import IntEnum, StrEnum

import msgspec

from actors.model.exits import ExitTerms, LevelTerms
from actors.model.fixed import Money, Price, Qty
from actors.model.origins import MOVES_POSITION, CreateType, ExecType, Origin, StopOrderType, origin_of
from actors.model.resting import RestingTerms

__all__ = [
    "WITH_POSITION",
    "Category",
    "Fill",
    "LocalStatus",
    "Order",
    "OrderReport",
    "OrderRequest",
    "OrderType",
    "PositionIdx",
    "PriceKind",
    "ProtectionTerms",
    "Side",
    "TimeInForce",
    "TriggerDirection",
    "VenueStatus",
]


_NO_QTY = Qty(0)
WITH_POSITION = "CancelByTpSlTsClear"  # the venue's reason: a stop or target ended with its position


class Side(IntEnum):
    """Signed, so that side x quantity is the change of the net position."""

    BUY = 1
    SELL = -1


class OrderType(StrEnum):
    """With a trigger price either type is conditional (stop-market, stop-limit)."""

    MARKET = "Market"
    LIMIT = "Limit"


class TimeInForce(StrEnum):
    """A market order is always IOC."""

    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"
    POST_ONLY = "PostOnly"


class TriggerDirection(IntEnum):
    """Which way the price must come to the trigger."""

    RISE = 1
    FALL = 2


class PriceKind(StrEnum):
    """Which price comes to a trigger."""

    LAST = "LastPrice"
    MARK = "MarkPrice"
    INDEX = "IndexPrice"


class Category(StrEnum):
    """The venue's product groups: a symbol may stand in several of them."""

    LINEAR = "linear"
    SPOT = "spot"
    INVERSE = "inverse"
    OPTION = "option"


class PositionIdx(IntEnum):
    """Which position of a symbol (Bybit's positionIdx): its one position, or one of the two of hedge mode."""

    ONE_WAY = 0
    HEDGE_LONG = 1
    HEDGE_SHORT = 2


class VenueStatus(StrEnum):
    """The venue's nine order states."""

    NEW = "New"
    PARTIALLY_FILLED = "PartiallyFilled"
    UNTRIGGERED = "Untriggered"
    TRIGGERED = "Triggered"
    FILLED = "Filled"
    CANCELLED = "Cancelled"
    REJECTED = "Rejected"
    DEACTIVATED = "Deactivated"
    PARTIALLY_FILLED_CANCELED = "PartiallyFilledCanceled"


class LocalStatus(IntEnum):
    """Our states around the venue's: an order is one of these from the first thought to its end.

    Integers, because they index the compiled transition table; those from FILLED on are ends.
    """

    DRAFT = 0
    JOURNALED = 1
    SENT = 2
    ACKED = 3
    WORKING = 4
    UNTRIGGERED = 5
    TRIGGERED = 6
    UNKNOWN = 7
    FILLED = 8
    CANCELLED = 9
    REJECTED = 10
    EXPIRED = 11
    DEACTIVATED = 12

    @property
    def has_ended(self) -> bool:
        """Whether only late executions may still come."""
        return self >= LocalStatus.FILLED


class ProtectionTerms(msgspec.Struct, frozen=True, gc=False):
    """Stop loss and take profit attached to an order; they become the position's when it fills.

    Full (`is_partial` False): of all the position, at market. Partial: of what the order filled, at market or with a
    limit price.
    """

    stop_loss: Price | None = None
    take_profit: Price | None = None
    stop_loss_trigger_by: PriceKind = PriceKind.LAST
    take_profit_trigger_by: PriceKind = PriceKind.LAST
    is_partial: bool = False
    stop_loss_limit_price: Price | None = None
    take_profit_limit_price: Price | None = None


class OrderRequest(msgspec.Struct, frozen=True, gc=False):
    """What is sent: quantities and prices on the instrument's grids; `link_id` is our id.

    `close_on_trigger` closes what there is to close when the trigger acts; with quantity 0 all of the position. A
    market order may limit how far beyond the market it fills, in ticks or in basis points of the price.
    """

    link_id: str
    symbol: str
    side: Side
    type: OrderType
    qty: Qty
    price: Price | None = None
    trigger_price: Price | None = None
    trigger_direction: TriggerDirection | None = None
    time_in_force: TimeInForce = TimeInForce.GTC
    reduce_only: bool = False
    trigger_by: PriceKind = PriceKind.LAST
    close_on_trigger: bool = False
    protection: ProtectionTerms | None = None
    slippage_tolerance_ticks: int | None = None
    slippage_tolerance_bp: int | None = None
    position_idx: PositionIdx = PositionIdx.ONE_WAY


class Fill(msgspec.Struct, frozen=True, gc=False):
    """One execution, known by its category, symbol and `exec_id`; `fee` is positive when paid.

    Of a payment (funding) nothing is traded: `qty` is the position that it is paid on, at the mark price. `fee` is in
    `fee_currency`, whatever coin that is, on Money's grid; an empty text is the coin that the instrument settles in.
    `unknown` holds the venue's texts that the model does not know.
    """

    exec_id: str
    order_id: str
    link_id: str
    symbol: str
    side: Side
    price: Price
    qty: Qty
    fee: Money
    is_maker: bool
    time_ms: int
    exec_type: ExecType = ExecType.TRADE
    create_type: CreateType = CreateType.BY_USER
    stop_order_type: StopOrderType = StopOrderType.NONE
    category: Category = Category.LINEAR
    fee_currency: str = ""
    unknown: tuple[str, ...] = ()

    @property
    def origin(self) -> Origin:
        """Our one word for what it came of."""
        return origin_of(self.exec_type, self.create_type, self.stop_order_type)

    @property
    def traded_qty(self) -> Qty:
        """By how much it moves the position, unsigned; 0 for a payment and for a kind that is not known."""
        return self.qty if self.exec_type in MOVES_POSITION else _NO_QTY


class OrderReport(msgspec.Struct, frozen=True, gc=False):
    """The venue's statement of an order's state; `filled_qty` is cumulative.

    `unknown` holds the venue's texts that the model does not know.
    """

    order_id: str
    link_id: str
    symbol: str
    side: Side
    type: OrderType
    status: VenueStatus
    qty: Qty
    filled_qty: Qty
    filled_value: Money
    price: Price | None
    trigger_price: Price | None
    reduce_only: bool
    time_ms: int
    create_type: CreateType = CreateType.BY_USER
    stop_order_type: StopOrderType = StopOrderType.NONE
    reason: str = ""
    unknown: tuple[str, ...] = ()
    position_idx: PositionIdx = PositionIdx.ONE_WAY

    @property
    def origin(self) -> Origin:
        """Our one word for why it exists."""
        return origin_of(ExecType.TRADE, self.create_type, self.stop_order_type)


class Order(msgspec.Struct, gc=False):
    """Our record of one order, changed by the `orders` actor alone; what it sends on is a copy."""

    request: OrderRequest
    card_id: str
    block_id: str
    status: LocalStatus
    bar_close_ms: int
    order_id: str = ""
    filled_qty: Qty = Qty(0)
    filled_value: Money = Money(0)
    last_price: Price | None = None  # of its newest execution
    is_entry: bool = False
    stop_loss: LevelTerms | None = None  # a Decimal: percent of the entry fill's price
    take_profit: LevelTerms | None = None
    awaited_qty: Qty | None = None  # the venue says filled, its executions have not all come
    attempts: int = 0
    code: int = 0
    reason: str = ""
    raised_to: Qty | None = None  # a larger quantity that was asked for: under way, or in doubt
    carries: str = ""  # our id of the newest decision, where an amend has made the order carry that
    exits: ExitTerms | None = None
    opened_ms: int = 0  # venue time of its first execution
    stop_at: Price | None = None  # where the position's stop loss was moved to since
    target_at: Price | None = None
    leg: int = 0  # of a target: its number
    terms: RestingTerms | None = None
    rung: int = 0  # of a ladder's order: its number, from 1 on

    @property
    def has_levels(self) -> bool:
        """Whether a stop, a target or another exit goes with it."""
        return self.stop_loss is not None or self.take_profit is not None or self.exits is not None
