"""The card as it is written: which keys stand where, which must, and what each may hold.

Each mapping is an attrs class, each leaf has a rule. The loader reads by them and the JSON Schema is printed from
them. Lists and mappings whose items are read one by one (features, blocks, cases, conditions) are kept as nodes here.
"""

from decimal import Decimal
from typing import Annotated, Any

import attrs

from ideacards.card import AccountSpec, Fresh, LeaderList, Market, Timeframes, TimeframeTable
from ideacards.indicators.kind import FLATS, WITH, Indicator, ParamKind
from ideacards.indicators.registry import INDICATORS
from ideacards.intents import Action, OrderKind, TimeLimit, UnderMinimum
from ideacards.loading.clock_rules import TimeOfDay, ZoneName
from ideacards.loading.exits import (
    WrittenBreakEven,
    WrittenLevel,
    WrittenRisk,
    WrittenTarget,
    WrittenTimeStop,
    WrittenTrail,
    WrittenVolatility,
)
from ideacards.loading.migrations import NEWEST_SCHEMA, SchemaVersion
from ideacards.loading.resting import WrittenExpiry, WrittenFollow, WrittenOffset
from ideacards.loading.rules import Flag, ListOf, MapOf, Number, OneOf, OneWhole, Rule, Text, Whole, Word, WrittenPart
from ideacards.loading.tree import ListNode, MapNode, Node

__all__ = [
    "ACTION_KEYS",
    "CANCEL",
    "EMIT_KEYS",
    "EXIT_KEYS",
    "FEATURES",
    "NEEDED_EITHER",
    "NEEDED_KEYS",
    "NO_ACTION",
    "OWN",
    "SCALE_OUT",
    "WrittenBlock",
    "WrittenCard",
    "WrittenCase",
    "WrittenElse",
    "WrittenEmit",
    "WrittenOrder",
    "WrittenOwn",
    "WrittenPart",
    "WrittenPrice",
    "WrittenRung",
    "WrittenSize",
]

NO_ACTION = "none"
OWN = "python:"
EXIT_KEYS = ("targets", "trail", "break_even", "time_stop", "session_end")
_ENTRY_KEYS = ("size", "order", "stop_loss", "take_profit", "add", "under_minimum", "max_layers", *EXIT_KEYS)
_WITHOUT_ADD = tuple(key for key in _ENTRY_KEYS if key != "add")
SCALE_OUT, CANCEL = "scale_out", "cancel"
ACTION_KEYS: dict[str, tuple[str, ...]] = {
    Action.ENTER_LONG: _ENTRY_KEYS,
    Action.ENTER_SHORT: _ENTRY_KEYS,
    Action.SCALE_IN: _WITHOUT_ADD,
    Action.REVERSE: tuple(key for key in _WITHOUT_ADD if key not in ("max_layers", "order")),
    Action.EXIT: ("order", "fraction"),
    SCALE_OUT: ("order", "fraction"),
    Action.FLATTEN: (),
    CANCEL: (),
    Action.SET_STOP: ("stop_loss", "tighten"),
    Action.SET_TARGET: ("take_profit",),
    Action.TRAIL: ("trail",),
    Action.REPLACE: ("price", "size", "under_minimum"),
    NO_ACTION: (),
}
NEEDED_KEYS: dict[str, tuple[str, ...]] = {
    Action.ENTER_LONG: ("size",),
    Action.ENTER_SHORT: ("size",),
    Action.SCALE_IN: ("size",),
    Action.REVERSE: ("size",),
    SCALE_OUT: ("fraction",),
    Action.SET_STOP: ("stop_loss",),
    Action.SET_TARGET: ("take_profit",),
    Action.TRAIL: ("trail",),
}
NEEDED_EITHER: dict[str, tuple[str, ...]] = {Action.REPLACE: ("price", "size")}
EMIT_KEYS = (*_ENTRY_KEYS, "fraction", "tighten", "price")


@attrs.frozen
class WrittenSize:
    """A size: exactly one of these."""

    notional: Annotated[Decimal, Number(above=0)] | None = None
    quantity: Annotated[Decimal, Number(above=0)] | None = None
    equity_percent: Annotated[Decimal, Number(above=0, at_most=10_000)] | None = None
    available_percent: Annotated[Decimal, Number(above=0, at_most=10_000)] | None = None
    risk: WrittenRisk | None = None
    volatility: WrittenVolatility | None = None
    expression: Annotated[str, Text()] | None = None


@attrs.frozen
class WrittenPrice:
    """A price by reference, with one signed offset at most."""

    ref: Annotated[str, Text()]
    offset_percent: Annotated[Decimal, Number(above=-100, below=1000)] | None = None
    offset_ticks: Annotated[int, Whole(-1_000_000_000)] | None = None
    offset: WrittenOffset | None = None


@attrs.frozen
class WrittenRung:
    """One limit order of a ladder: its price, and its share of the size by weight."""

    price: WrittenPrice
    weight: Annotated[Decimal, Number(above=0, at_most=1_000_000)] = Decimal(1)


@attrs.frozen
class WrittenOrder:
    """Order type, its prices, how long it may wait, and how it follows its price."""

    type: Annotated[str, OneOf(tuple(OrderKind))] = OrderKind.MARKET
    price: WrittenPrice | None = None
    limit: WrittenPrice | None = None
    time_in_force: Annotated[str, OneOf(tuple(TimeLimit))] = TimeLimit.GTC
    post_only: Annotated[bool, Flag()] = False
    expires: WrittenExpiry | None = None
    follow: WrittenFollow | None = None
    ladder: tuple[WrittenRung, ...] | None = None


@attrs.frozen
class WrittenEmit:
    """An action and its details; ACTION_KEYS says which keys go with which action."""

    action: Annotated[str, OneOf(tuple(ACTION_KEYS))]
    size: WrittenSize | None = None
    order: WrittenOrder | None = None
    stop_loss: WrittenLevel | None = None
    take_profit: WrittenLevel | None = None
    fraction: Annotated[Decimal, Number(above=0, at_most=1)] | None = None
    add: Annotated[bool, Flag()] = False
    under_minimum: Annotated[str, OneOf(tuple(UnderMinimum))] = UnderMinimum.REFUSE
    max_layers: Annotated[int, Whole(1, 1000)] | None = None
    targets: tuple[WrittenTarget, ...] | None = None
    trail: WrittenTrail | None = None
    break_even: WrittenBreakEven | None = None
    time_stop: WrittenTimeStop | None = None
    session_end: Annotated[int, TimeOfDay()] | None = None
    tighten: Annotated[bool, Flag()] = False
    price: WrittenPrice | None = None


@attrs.frozen
class WrittenCase:
    """A condition and what it emits."""

    when: Annotated[Node, WrittenPart("condition")]
    emit: Annotated[Node, WrittenPart("emit")]


@attrs.frozen
class WrittenElse:
    """What a block emits if none of its cases holds."""

    emit: Annotated[Node, WrittenPart("emit")]


@attrs.frozen
class WrittenBlock:
    """A named decision; the first case that holds emits."""

    id: Annotated[str, Word()]
    cases: Annotated[ListNode, ListOf("case")]
    else_: WrittenElse | None = None


@attrs.frozen
class WrittenCard:
    """One trading idea."""

    id: Annotated[str, Word()]
    market: Market
    timeframes: Annotated[Timeframes, TimeframeTable()]
    account: AccountSpec
    blocks: Annotated[ListNode, ListOf("block")]
    thesis: Annotated[str, Text()] = ""
    warmup: Annotated[int, Whole(0)] | None = None
    schema: Annotated[int, SchemaVersion()] = NEWEST_SCHEMA
    features: Annotated[MapNode, MapOf("feature")] | None = None
    time_zone: Annotated[str, ZoneName()] | None = None
    sessions: Annotated[MapNode, MapOf("session")] | None = None
    parameters: Annotated[MapNode, MapOf("parameter")] | None = None
    leaders: Annotated[tuple[str, ...], LeaderList()] = ()


_PARAM_TYPES: dict[ParamKind, tuple[type, Rule]] = {
    ParamKind.LENGTH: (int, Whole(1, 1_000_000)),
    ParamKind.NUMBER: (Decimal, Number(above=0)),
    ParamKind.TIME: (int, Whole(0, 4_102_444_800_000)),  # UTC ms, up to the year 2100
    ParamKind.MINUTE: (int, Whole(0, 1439)),
    ParamKind.FLAT: (int, OneWhole(FLATS)),
}


def _written_feature(indicator: Indicator) -> type:
    """The attrs class of a feature of this indicator."""
    fields: dict[str, Any] = {"use": _field(Annotated[str, OneOf((indicator.name,))])}
    if indicator.default_of is not None:
        fields["of"] = _field(Annotated[str, Text()], indicator.default_of)
    if WITH in indicator.inputs:
        fields["with_"] = _field(Annotated[str, Text()], indicator.default_with or attrs.NOTHING)
    for param in indicator.params:
        kind, rule = (str, OneOf(param.choices)) if param.choices else _PARAM_TYPES[param.kind]
        if param.kind is ParamKind.FLAT:
            fields[param.name] = _field(Annotated[kind, rule] | None, None)
            continue
        fields[param.name] = _field(Annotated[kind, rule], attrs.NOTHING if param.default is None else param.default)
    fields["timeframe"] = _field(Annotated[str, Text()] | None, None)
    fields["symbol"] = _field(Annotated[str, Text()] | None, None)
    fields["fresh"] = _field(Fresh | None, None)
    fields["history"] = _field(Annotated[int, Whole(1)] | None, None)
    return attrs.make_class(f"Written_{indicator.name}", fields, frozen=True, kw_only=True)


@attrs.frozen(kw_only=True)
class WrittenOwn:
    """A user's own step function; `state` is how many floats it keeps."""

    use: Annotated[str, Word(f"{OWN}[^:]+[.]py:[A-Za-z_][A-Za-z0-9_]*", "python:FILE.py:name")]
    state: Annotated[int, Whole(0, 100_000)] = 16
    timeframe: Annotated[str, Text()] | None = None
    symbol: Annotated[str, Text()] | None = None
    fresh: Fresh | None = None


def _field(kind: Any, default: Any = attrs.NOTHING) -> Any:
    return attrs.field(type=kind, default=default)


FEATURES: dict[str, type] = {name: _written_feature(indicator) for name, indicator in INDICATORS.items()}
