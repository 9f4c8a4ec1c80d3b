"""Orders: the request we send, the venue's reports about it, executions, and our record of its life."""

from decimal import Decimal
from enum import IntEnum, StrEnum

import msgspec

from actors.model.fixed import Money, Price, Qty

__all__ = [
    "WITH_POSITION",
    "Fill",
    "LocalStatus",
    "Order",
    "OrderReport",
    "OrderRequest",
    "OrderType",
    "Origin",
    "PriceKind",
    "ProtectionTerms",
    "Side",
    "TimeInForce",
    "TriggerDirection",
    "VenueStatus",
]


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


class Origin(StrEnum):
    """Who created an order at the venue."""

    USER = "user"
    STOP_LOSS = "stop_loss"
    TAKE_PROFIT = "take_profit"
    TRAILING_STOP = "trailing_stop"
    LIQUIDATION = "liquidation"
    FUNDING = "funding"
    DELIVERY = "delivery"  # the instrument has ended: the position is settled


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


class Fill(msgspec.Struct, frozen=True, gc=False):
    """One execution, known by its symbol and `exec_id`; `fee` is positive when paid.

    Of origin FUNDING nothing is traded: quantity 0, the payment as `fee`, at the mark price.
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
    origin: Origin = Origin.USER


class OrderReport(msgspec.Struct, frozen=True, gc=False):
    """The venue's statement of an order's state; `filled_qty` is cumulative."""

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
    origin: Origin = Origin.USER
    reason: str = ""


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
    stop_loss: Decimal | None = None  # percent of the entry fill's price
    take_profit: Decimal | None = None
    awaited_qty: Qty | None = None  # the venue says filled, its executions have not all come
    attempts: int = 0
    code: int = 0
    reason: str = ""
    raised_to: Qty | None = None  # a larger quantity that was asked for: under way, or in doubt
    carries: str = ""  # our id of the newest decision, where an amend has made the order carry that

    @property
    def has_levels(self) -> bool:
        """Whether a stop or a target goes with it."""
        return self.stop_loss is not None or self.take_profit is not None
