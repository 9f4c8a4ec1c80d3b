"""Intents: what a card wants to do, before prices and sizes are resolved.

An Intent names references (a feature, the close, a percentage) and never a rounded price: rounding belongs to the
instrument, which the card language does not know. Numbers written in a card stay decimal, so 0.1 is 0.1.
"""

from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

import msgspec

from ideacards.expressions.nodes import NumberExpr, Series, TruthExpr, leaves
from ideacards.expressions.wording import text_of

__all__ = [
    "POSITION_REFS",
    "SIZE_VALUE",
    "Action",
    "AtPrice",
    "BreakEven",
    "Distance",
    "ExitPlan",
    "Expiry",
    "Follow",
    "Intent",
    "IntentMetadata",
    "Level",
    "LevelAt",
    "OrderKind",
    "OrderSpec",
    "PriceRef",
    "Rung",
    "Size",
    "SizeKind",
    "Target",
    "TickDistance",
    "TimeLimit",
    "TrailPlan",
    "UnderMinimum",
    "references_of",
    "series_of_size",
]

POSITION_REFS = ("close", "entry", "last_fill", "best_bid", "best_ask")  # references that are no series of the card
SIZE_VALUE = "size"  # the name under which a size's expression is handed over with its value; no feature has it


class Action(StrEnum):
    """What an intent does to the card's position (`none` in a card makes no Intent).

    A quote rests beside others of either side, and the net position follows: neither an entry in flight nor a position
    forbids it; cards cannot say these yet. A withdrawal, a card's `cancel`, ends whatever of the card's entries and
    quotes still rests. A requote moves a resting entry to another price.
    """

    ENTER_LONG = "enter_long"
    ENTER_SHORT = "enter_short"
    EXIT = "exit"
    QUOTE_BUY = "quote_buy"
    QUOTE_SELL = "quote_sell"
    WITHDRAW = "withdraw"
    REVERSE = "reverse"  # one order through zero: the position's quantity and the size on the other side
    SCALE_IN = "scale_in"  # an entry on the position's side
    FLATTEN = "flatten"  # a withdrawal, and an exit of all at market
    REQUOTE = "requote"
    SET_STOP = "set_stop"
    SET_TARGET = "set_target"
    TRAIL = "trail"  # sets or moves the position's trailing stop
    REPLACE = "replace"  # gives the card's resting entry another price, another size, or both


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
    STOP_LIMIT = "stop_limit"


class TimeLimit(StrEnum):
    """How long a limit order may wait, as in FIX: till cancelled, or what does not fill at once is cancelled."""

    GTC = "gtc"
    IOC = "ioc"
    FOK = "fok"


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


class AtPrice(msgspec.Struct, frozen=True, tag=True):
    """A price known when the intent is made; a card cannot write it."""

    at: Decimal


class TickDistance(msgspec.Struct, frozen=True, tag=True):
    """A distance from the entry fill's price in ticks."""

    ticks: int


Level = Decimal | Distance | LevelAt | TickDistance | AtPrice
"""Where a stop loss or take profit lies; a Decimal is a distance in percent of the entry fill's price."""


class Target(msgspec.Struct, frozen=True):
    """One target of a ladder: a share of what the entry filled leaves at this level, by a resting limit order."""

    level: Level
    fraction: Decimal


class TrailPlan(msgspec.Struct, frozen=True):
    """A stop that follows the price at a distance, from the entry or from `activation` on; with a LevelAt the stop
    follows that feature, from one exec close to the next.
    """

    distance: Level
    activation: Level | None = None


class BreakEven(msgspec.Struct, frozen=True):
    """Move the stop loss to the entry fill's price plus `offset_ticks`, once the gain at an exec close is `at_r` times
    the distance to the first stop loss, or once the target number `at_target` (from 1 on) has filled.
    """

    at_r: Decimal | None = None
    at_target: int | None = None
    offset_ticks: int = 0


class ExitPlan(msgspec.Struct, frozen=True):
    """What ends an entry's position besides its stop loss and take profit.

    `time_stop` counts exec bars, the entry's own included; `session_end` is a minute of the day in UTC.
    """

    targets: tuple[Target, ...] = ()
    trail: TrailPlan | None = None
    break_even: BreakEven | None = None
    time_stop: int | None = None
    session_end: int | None = None

    @property
    def is_watched(self) -> bool:
        """Whether an actor has to look at closes for it; the rest lies at the venue."""
        follows = self.trail is not None and isinstance(self.trail.distance, LevelAt)
        by_r = self.break_even is not None and self.break_even.at_r is not None
        return follows or by_r or self.time_stop is not None or self.session_end is not None


class PriceRef(msgspec.Struct, frozen=True):
    """A price by reference: one of POSITION_REFS or a feature's output, with one signed offset at most.

    `offset_feature` is a feature whose value, times `offset_multiple`, is added.
    """

    ref: str
    offset_percent: Decimal | None = None
    offset_ticks: int | None = None
    offset_feature: str = ""
    offset_multiple: Decimal = Decimal(1)

    OPTIONAL: ClassVar[tuple[str, ...]] = ("offset_feature", "offset_multiple")


class Rung(msgspec.Struct, frozen=True):
    """One limit order of a ladder: its price, and its weight against those of the other rungs."""

    price: PriceRef
    weight: Decimal = Decimal(1)


class Expiry(msgspec.Struct, frozen=True):
    """When a resting entry is cancelled: after so many exec bars, or at a minute of the day in UTC."""

    bars: int | None = None
    until: int | None = None


class Follow(msgspec.Struct, frozen=True):
    """A resting entry is moved to its price's new value when that is further away than this."""

    ticks: int | None = None
    percent: Decimal | None = None


class OrderSpec(msgspec.Struct, frozen=True):
    """Order type and, for limit and stop, the price it refers to; `limit` is the second price of a stop limit.

    With a `ladder` an entry is several limit orders, which share its size by their weights; `price` is then None.
    `expires_when` is the third way to expire: at the first close at which it holds.
    """

    type: OrderKind = OrderKind.MARKET
    price: PriceRef | None = None
    limit: PriceRef | None = None
    time_in_force: TimeLimit = TimeLimit.GTC
    post_only: bool = False
    expires: Expiry | None = None
    follow: Follow | None = None
    ladder: tuple[Rung, ...] = ()
    expires_when: TruthExpr | None = None

    OPTIONAL: ClassVar[tuple[str, ...]] = (
        "limit",
        "time_in_force",
        "post_only",
        "expires",
        "follow",
        "ladder",
        "expires_when",
    )

    @property
    def ending(self) -> str:
        """The text of `expires_when`, "" without one."""
        return "" if self.expires_when is None else text_of(self.expires_when)

    @property
    def is_watched(self) -> bool:
        """Whether an actor has to look at closes while it rests."""
        return self.expires is not None or self.follow is not None or self.expires_when is not None

    @property
    def prices(self) -> "Iterator[PriceRef]":
        """All prices that stand in it."""
        yield from (price for price in (self.price, self.limit) if price is not None)
        yield from (rung.price for rung in self.ladder)


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
    exits: ExitPlan | None = None
    only_tighten: bool = False  # a stop that is moved may only come nearer to the market
    reason: str = ""  # of an intent that no case emitted: which watched exit it is
    rung: int = 0  # which order of a ladder is moved, from 1 on; 0: the entry is no ladder

    OPTIONAL: ClassVar[tuple[str, ...]] = ("under_minimum", "max_layers", "exits", "only_tighten", "reason", "rung")

    @property
    def is_watched(self) -> bool:
        """Whether an actor has to look at closes for what it has emitted."""
        return self.order.is_watched or (self.exits is not None and self.exits.is_watched)

    @property
    def levels(self) -> "Iterator[Level]":
        """All levels that stand in it."""
        stated = [self.stop_loss, self.take_profit]
        if self.exits is not None:
            stated += [target.level for target in self.exits.targets]
            if self.exits.trail is not None:
                stated += [self.exits.trail.distance, self.exits.trail.activation]
        yield from (level for level in stated if level is not None)


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
    size = metadata.size
    for price in metadata.order.prices:
        if price.ref not in POSITION_REFS:
            yield price.ref
        if price.offset_feature:
            yield price.offset_feature
    for level in metadata.levels:
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
