"""Intents: what a card wants to do, before prices and sizes are resolved.

An Intent names references (a feature, the close, a percentage) and never a rounded price: rounding belongs to the
instrument, which the card language does not know. Numbers written in a card stay decimal, so 0.1 is 0.1.
"""

from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

import msgspec

from ideacards.expressions.nodes import NumberExpr, Series, leaves

__all__ = [
    "POSITION_REFS",
    "SIZE_VALUE",
    "Action",
    "Distance",
    "Intent",
    "IntentMetadata",
    "Level",
    "LevelAt",
    "OrderKind",
    "OrderSpec",
    "PriceRef",
    "Size",
    "SizeKind",
    "Ticks",
    "UnderMinimum",
    "references_of",
    "series_of_size",
]

POSITION_REFS = ("close", "entry")  # references that are no series of the card
SIZE_VALUE = "size"  # the name under which a size's expression is handed over with its value; no feature has it


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
    AVAILABLE_PERCENT = "available_percent"  # of equity that is not bound as margin, at the deciding close
    RISK = "risk"  # percent of equity lost if the stop loss fills at its level
    VOLATILITY = "volatility"  # percent of equity won or lost if the price moves by `feature`
    EXPRESSION = "expression"  # of the card, in quote coin


class UnderMinimum(StrEnum):
    """What becomes of a size below the instrument's minimum."""

    REFUSE = "refuse"
    SKIP = "skip"  # no order and no refusal
    ROUND_UP = "round_up"  # to the smallest quantity that the instrument takes


class OrderKind(StrEnum):
    """Type of the order that executes an intent."""

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"


class Size(msgspec.Struct, frozen=True):
    """A positive amount in the unit `kind`; of an expression the amount is what it comes to at the deciding bar."""

    kind: SizeKind
    value: Decimal = Decimal(0)
    feature: str = ""  # of `volatility`
    expression: NumberExpr | None = None

    OPTIONAL: ClassVar[tuple[str, ...]] = ("feature", "expression")


class Distance(msgspec.Struct, frozen=True, tag=True):
    """A distance from the entry fill's price: `multiple` times the value of a feature at the deciding bar."""

    feature: str
    multiple: Decimal = Decimal(1)


class LevelAt(msgspec.Struct, frozen=True, tag=True):
    """The price that a feature has at the deciding bar."""

    price: str


class Ticks(msgspec.Struct, frozen=True, tag=True):
    """A distance from the entry fill's price in ticks."""

    ticks: int


Level = Decimal | Distance | LevelAt | Ticks
"""Where a stop loss or take profit lies; a Decimal is a distance in percent of the entry fill's price."""


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
    """How much, at what price, and what protects it; percentages are of the entry fill's price.

    Fields in OPTIONAL were added later: where one holds its default, digests are those of before.
    """

    size: Size | None = None
    order: OrderSpec = OrderSpec()
    stop_loss: Level | None = None
    take_profit: Level | None = None
    fraction: Decimal | None = None  # of the position, for exits; None is all of it
    add: bool = False
    under_minimum: UnderMinimum = UnderMinimum.REFUSE
    max_layers: int | None = None  # entries of one position, the first included

    OPTIONAL: ClassVar[tuple[str, ...]] = ("under_minimum", "max_layers")


class Intent(msgspec.Struct, frozen=True, gc=False):
    """One decision of one block at one bar close (UTC ms)."""

    action: Action
    card_id: str
    block_id: str
    bar_close_ms: int
    metadata: IntentMetadata


def references_of(metadata: IntentMetadata) -> tuple[str, ...]:
    """The series whose values at the deciding bar its prices, levels and sizes need."""
    return tuple(dict.fromkeys(_references(metadata)))


def _references(metadata: IntentMetadata) -> Iterator[str]:
    price, size = metadata.order.price, metadata.size
    if price is not None and price.ref not in POSITION_REFS:
        yield price.ref
    for level in (metadata.stop_loss, metadata.take_profit):
        if isinstance(level, Distance):
            yield level.feature
        elif isinstance(level, LevelAt):
            yield level.price
    if size is not None and size.feature:
        yield size.feature


def series_of_size(size: Size | None) -> tuple[Series, ...]:
    """The series that a size's expression reads, each as far back as it reads it."""
    if size is None or size.expression is None:
        return ()
    return tuple(leaf for leaf in leaves(size.expression) if isinstance(leaf, Series))
