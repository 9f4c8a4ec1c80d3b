"""Intents: what a card wants to do, before prices and sizes are resolved.

An Intent names references (a feature, the close, a percentage) and never a rounded price: rounding belongs to the
instrument, which the card language does not know. Numbers written in a card stay decimal, so 0.1 is 0.1.
"""

from decimal import Decimal
from enum import StrEnum

import msgspec

__all__ = ["Action", "Intent", "IntentMetadata", "OrderKind", "OrderSpec", "PriceRef", "Size", "SizeKind"]


class Action(StrEnum):
    """What an intent does to the card's position (`none` in a card makes no Intent).

    A quote rests beside others of either side, and the net position follows: neither an entry in flight nor a position
    forbids it. A withdrawal ends whatever of the card's entries and quotes still rests. Cards cannot say these yet.
    """

    ENTER_LONG = "enter_long"
    ENTER_SHORT = "enter_short"
    EXIT = "exit"
    QUOTE_BUY = "quote_buy"
    QUOTE_SELL = "quote_sell"
    WITHDRAW = "withdraw"


class SizeKind(StrEnum):
    """The unit in which a card states a size."""

    NOTIONAL = "notional"  # quote coin
    QUANTITY = "quantity"  # base coin
    EQUITY_PERCENT = "equity_percent"  # of equity at the deciding close


class OrderKind(StrEnum):
    """Type of the order that executes an intent."""

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"


class Size(msgspec.Struct, frozen=True):
    """A positive amount in the unit `kind`."""

    kind: SizeKind
    value: Decimal


class PriceRef(msgspec.Struct, frozen=True):
    """A price by reference: `close`, `entry` or a feature's output, with one signed offset at most."""

    ref: str
    offset_percent: Decimal | None = None
    offset_ticks: int | None = None


class OrderSpec(msgspec.Struct, frozen=True):
    """Order type and, for limit and stop, the price it refers to."""

    type: OrderKind = OrderKind.MARKET
    price: PriceRef | None = None


class IntentMetadata(msgspec.Struct, frozen=True):
    """How much, at what price, and what protects it; percentages are of the entry fill's price."""

    size: Size | None = None
    order: OrderSpec = OrderSpec()
    stop_loss: Decimal | None = None
    take_profit: Decimal | None = None
    fraction: Decimal | None = None  # of the position, for exits; None is all of it
    add: bool = False


class Intent(msgspec.Struct, frozen=True, gc=False):
    """One decision of one block at one bar close (UTC ms)."""

    action: Action
    card_id: str
    block_id: str
    bar_close_ms: int
    metadata: IntentMetadata
