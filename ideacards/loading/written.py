"""The card as it is written: which keys stand where, which must, and what each may hold.

Each mapping is an attrs class, each leaf has a rule. The loader reads by them and the JSON Schema is printed from
them. Lists and mappings whose items are read one by one (features, blocks, cases, conditions) are kept as nodes here.
"""

from decimal import Decimal
from typing import Annotated, Any

import attrs

from ideacards.card import AccountSpec, Fresh, Market, Timeframes, TimeframeTable
from ideacards.indicators.kind import FLATS, WITH, Indicator, ParamKind
from ideacards.indicators.registry import INDICATORS
from ideacards.intents import Action, OrderKind
from ideacards.loading.clock_rules import ZoneName
from ideacards.loading.rules import Flag, ListOf, MapOf, Number, OneOf, OneWhole, Rule, Text, Whole, Word
from ideacards.loading.tree import ListNode, MapNode, Node

__all__ = [
    "ACTION_KEYS",
    "EMIT_KEYS",
    "FEATURES",
    "NO_ACTION",
    "OWN",
    "WrittenBlock",
    "WrittenCard",
    "WrittenCase",
    "WrittenElse",
    "WrittenEmit",
    "WrittenOrder",
    "WrittenOwn",
    "WrittenPart",
    "WrittenPercent",
    "WrittenPrice",
    "WrittenSize",
]

NO_ACTION = "none"
OWN = "python:"
_ENTRY_KEYS = ("size", "order", "stop_loss", "take_profit", "add")
ACTION_KEYS: dict[str, tuple[str, ...]] = {
    Action.ENTER_LONG: _ENTRY_KEYS,
    Action.ENTER_SHORT: _ENTRY_KEYS,
    Action.EXIT: ("order", "fraction"),
    NO_ACTION: (),
}
EMIT_KEYS = (*_ENTRY_KEYS, "fraction")


@attrs.frozen
class WrittenPart:
    """A part described by `$defs/<item>` and read later, when the card's names are known."""

    item: str

    def read(self, node: Node) -> Node:
        return node

    def schema(self) -> dict[str, Any]:
        return {"$ref": f"#/$defs/{self.item}"}


@attrs.frozen
class WrittenSize:
    """A size: exactly one of these."""

    notional: Annotated[Decimal, Number(above=0)] | None = None
    quantity: Annotated[Decimal, Number(above=0)] | None = None
    equity_percent: Annotated[Decimal, Number(above=0, at_most=10_000)] | None = None


@attrs.frozen
class WrittenPrice:
    """A price by reference, with one signed offset at most."""

    ref: Annotated[str, Text()]
    offset_percent: Annotated[Decimal, Number(above=-100, below=1000)] | None = None
    offset_ticks: Annotated[int, Whole(-1_000_000_000)] | None = None


@attrs.frozen
class WrittenOrder:
    """Order type, and its price."""

    type: Annotated[str, OneOf(tuple(OrderKind))] = OrderKind.MARKET
    price: WrittenPrice | None = None


@attrs.frozen
class WrittenPercent:
    """A distance from the entry fill's price."""

    percent: Annotated[Decimal, Number(above=0, at_most=1000)]


@attrs.frozen
class WrittenEmit:
    """An action and its details; ACTION_KEYS says which keys go with which action."""

    action: Annotated[str, OneOf(tuple(ACTION_KEYS))]
    size: WrittenSize | None = None
    order: WrittenOrder | None = None
    stop_loss: WrittenPercent | None = None
    take_profit: WrittenPercent | None = None
    fraction: Annotated[Decimal, Number(above=0, at_most=1)] | None = None
    add: Annotated[bool, Flag()] = False


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
    features: Annotated[MapNode, MapOf("feature")] | None = None
    time_zone: Annotated[str, ZoneName()] | None = None
    sessions: Annotated[MapNode, MapOf("session")] | None = None
    parameters: Annotated[MapNode, MapOf("parameter")] | None = None


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
    fields["fresh"] = _field(Fresh | None, None)
    fields["history"] = _field(Annotated[int, Whole(1)] | None, None)
    return attrs.make_class(f"Written_{indicator.name}", fields, frozen=True, kw_only=True)


@attrs.frozen(kw_only=True)
class WrittenOwn:
    """A user's own step function; `state` is how many floats it keeps."""

    use: Annotated[str, Word(f"{OWN}[^:]+[.]py:[A-Za-z_][A-Za-z0-9_]*", "python:FILE.py:name")]
    state: Annotated[int, Whole(0, 100_000)] = 16
    timeframe: Annotated[str, Text()] | None = None
    fresh: Fresh | None = None


def _field(kind: Any, default: Any = attrs.NOTHING) -> Any:
    return attrs.field(type=kind, default=default)


FEATURES: dict[str, type] = {name: _written_feature(indicator) for name, indicator in INDICATORS.items()}
