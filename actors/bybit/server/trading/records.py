"""What the exchange remembers of an order and of an execution, beyond what the matching needs."""

import attrs

from actors.bybit.server.market.listing import Listing
from actors.model.fixed import Money, Price, Qty
from actors.model.order import (
    Category,
    Fill,
    OrderReport,
    OrderRequest,
    OrderType,
    Side,
    VenueStatus,
)
from actors.model.origins import CreateType, StopOrderType

__all__ = ["ENDED", "ExecutionRecord", "OrderRecord", "SpotTerms"]

ENDED = frozenset(
    (
        VenueStatus.FILLED,
        VenueStatus.CANCELLED,
        VenueStatus.REJECTED,
        VenueStatus.DEACTIVATED,
        VenueStatus.PARTIALLY_FILLED_CANCELED,
    )
)


@attrs.frozen
class SpotTerms:
    """What a spot order says beside the common terms."""

    market_unit: str = ""
    order_filter: str = "Order"
    quote_qty: Money | None = None  # a market buy by amount


_NO_QTY, _NO_MONEY, _PLAIN = Qty(0), Money(0), SpotTerms()


@attrs.define(eq=False)
class OrderRecord:
    """One order. `order_id` and `shown_link_id` are what clients see, `link_id` is what the matching knows it by."""

    listing: Listing
    number: int  # rises with the order's creation, over all symbols
    order_id: str
    link_id: str
    shown_link_id: str
    request: OrderRequest
    created_ms: int
    updated_ms: int
    last_price_on_created: Price
    create_type: CreateType = CreateType.BY_USER
    stop_order_type: StopOrderType = StopOrderType.NONE
    status: VenueStatus = VenueStatus.NEW
    qty: Qty = _NO_QTY
    filled_qty: Qty = _NO_QTY
    filled_value: Money = _NO_MONEY
    worst_price: Price | None = None  # what a market order shows as its price
    cancel_type: str = "UNKNOWN"
    reject_reason: str = "EC_NoError"
    fees: dict[str, int] = attrs.Factory(dict)  # by coin, see `fee_digits`
    closed_pnl: Money = _NO_MONEY
    parent_link_id: str = ""
    matching_id: str = ""  # the matching's own order id
    spot: SpotTerms = _PLAIN

    @property
    def category(self) -> Category:
        """Of its symbol."""
        return self.listing.category

    @property
    def symbol(self) -> str:
        """What it trades."""
        return self.listing.symbol

    @property
    def has_ended(self) -> bool:
        """Whether nothing more comes of it."""
        return self.status in ENDED

    @property
    def is_conditional(self) -> bool:
        """Whether it has, or had, a trigger."""
        return self.request.trigger_price is not None

    @property
    def leaves_qty(self) -> int:
        """What it may still fill."""
        return 0 if self.has_ended else self.qty - self.filled_qty

    def take(self, report: OrderReport) -> None:
        """What the matching says of it now."""
        self.status, self.qty = report.status, report.qty
        self.filled_qty, self.filled_value = report.filled_qty, report.filled_value
        self.updated_ms = report.time_ms


@attrs.frozen(eq=False)
class ExecutionRecord:
    """One execution, with the order as it stood then."""

    listing: Listing
    fill: Fill
    exec_id: str
    order_id: str
    shown_link_id: str
    order_type: OrderType | None  # None: of no order, as funding
    order_price: Price
    order_qty: Qty
    leaves_qty: Qty
    closed_qty: Qty
    realised: Money
    fee_coin: str
    fee: int  # of `fee_coin`, see `fee_digits`
    mark_price: Price
    cash_change: Money  # what the USDT balance moved by
    cash_after: Money
    seq: int
    market_unit: str = ""

    @property
    def side(self) -> Side:
        """The order's side; of funding the position's."""
        return self.fill.side
