"""The IdeaCard as the program sees it: complete, checked, frozen. The loader makes it from YAML; nothing else does.

Values are resolved here (every feature knows its source, timeframe and parameters), so two cards that mean the same
are equal. Prices and sizes stay references and decimals: rounding belongs to the instrument.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Annotated, Any

import attrs

from ideacards.errors import CardError, Problem, nearest
from ideacards.expressions.nodes import NumberExpr, Series, TruthExpr, leaves
from ideacards.indicators.own import OwnStep
from ideacards.indicators.registry import INDICATORS, Indicator
from ideacards.intents import Action, IntentMetadata
from ideacards.loading.rules import Number, OneOf, TimeframeText, Whole, Word, of_kind, problem_at, refuse
from ideacards.loading.tree import ListNode, MapNode, Node, Place
from ideacards.prices import feed_key
from ideacards.timeframe import Timeframe, timeframe_of

__all__ = [
    "OPTIONAL",
    "AccountSpec",
    "Block",
    "Card",
    "Case",
    "Emit",
    "Feature",
    "Fresh",
    "LeaderList",
    "Market",
    "Parameter",
    "Timeframe",
    "TimeframeTable",
    "Timeframes",
    "timeframe_of",
]

TIMEFRAME_NAME = Word("[A-Za-z_][A-Za-z0-9_]{0,63}", "a timeframe's name", "letters, digits and _, no digit first")
SYMBOL = Word("[A-Z0-9][A-Z0-9-]{0,31}", "a symbol like BTCUSDT", "Bybit's name: capital letters, digits and -")
MAX_LEADERS = 10
OPTIONAL = {"is_optional": True}  # a field added later: where it holds its default, older cards keep their digest


@attrs.frozen
class Market:
    """What is traded."""

    venue: Annotated[str, OneOf(("bybit",))]
    category: Annotated[str, OneOf(("linear",))]
    symbol: Annotated[str, SYMBOL]


@attrs.frozen
class LeaderList:
    """Symbols that the card reads and does not trade, each once."""

    def read(self, node: Node) -> tuple[str, ...]:
        found = of_kind(node, ListNode, "a list of symbols")
        if not found:
            raise refuse(node, "a list without symbols", "like [BTCUSDT], or leave `leaders` out")
        problems: list[Problem] = []
        symbols: list[str] = []
        for child in found:
            try:
                symbol = SYMBOL.read(child)
            except CardError as error:
                problems += error.problems
                continue
            if symbol in symbols:
                problems.append(problem_at(child, f"`{symbol}` stands twice", "once is enough"))
            symbols.append(symbol)
        if len(found) > MAX_LEADERS:
            problems.append(problem_at(node, f"{len(found)} leaders", f"at most {MAX_LEADERS}"))
        if problems:
            raise CardError(problems)
        return tuple(sorted(symbols))

    def schema(self) -> dict[str, Any]:
        return {
            "type": "array",
            "minItems": 1,
            "maxItems": MAX_LEADERS,
            "uniqueItems": True,
            "items": SYMBOL.schema(),
        }


@attrs.frozen
class Timeframes:
    """The bars the card is called with (`exec`), and slower ones by name, each a multiple of exec."""

    exec: Timeframe
    mtf: Timeframe | None = None
    htf: Timeframe | None = None
    others: tuple[tuple[str, Timeframe], ...] = attrs.field(default=(), metadata=OPTIONAL)

    def slower(self) -> dict[str, Timeframe]:
        """Every timeframe but exec, by name."""
        usual = {"mtf": self.mtf, "htf": self.htf}
        return {name: each for name, each in usual.items() if each is not None} | dict(self.others)

    def named(self, name: str) -> Timeframe:
        """The timeframe of that name, which the card has."""
        return self.exec if name == "exec" else self.slower()[name]


@attrs.frozen
class TimeframeTable:
    """`exec` and further timeframes, each under a name."""

    def read(self, node: Node) -> Timeframes:
        found = of_kind(node, MapNode, "a mapping of exec and slower timeframes")
        problems: list[Problem] = []
        read: dict[str, Timeframe] = {}
        for name, child in found.items():
            place = found.key_places[name]
            if not TIMEFRAME_NAME.matches(name):
                what = f"`{name}` is not {TIMEFRAME_NAME.meaning}"
                problems.append(problem_at(child, what, TIMEFRAME_NAME.hint, place))
            try:
                read[name] = TimeframeText().read(child)
            except CardError as error:
                problems += error.problems
        if "exec" not in found:
            close = [name for name in found if name != "exec" and "did you mean" in nearest(name, ("exec",))]
            hint = f"is `{close[0]}` meant?" if close else "add it here"
            problems.append(problem_at(found, "`exec` is missing", hint))
        if problems:
            raise CardError(problems)
        usual = {name: read.pop(name, None) for name in ("mtf", "htf")}
        return Timeframes(read.pop("exec"), **usual, others=tuple(sorted(read.items())))

    def schema(self) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {"exec": TimeframeText().schema()},
            "required": ["exec"],
            "propertyNames": {"pattern": f"^{TIMEFRAME_NAME.pattern}$"},
            "additionalProperties": TimeframeText().schema(),
        }


@attrs.frozen
class Fresh:
    """How old a slower value may be: exec bars, or time, since its bar closed. An older one is unknown."""

    bars: Annotated[int, Whole(0, 1_000_000)] | None = None
    age: Annotated[Timeframe, TimeframeText()] | None = None


@attrs.frozen
class AccountSpec:
    """What a back-test starts with, in quote coin."""

    equity: Annotated[Decimal, Number(above=0)]
    leverage: Annotated[Decimal, Number(at_least=1, at_most=1000)] = Decimal(1)


@attrs.frozen
class Parameter:
    """A number of the card that has a name; where the name stands the card holds its value."""

    name: str
    value: Decimal
    min: Decimal | None = None
    max: Decimal | None = None


@attrs.frozen
class Feature:
    """A named series: a kind of feature with its parameters, or an arithmetic expression of other series (`expr`).

    `use` names the kind, "" for an expression; `own` is there where it is a function of the user's. `of` and `other`
    (the card's `with`) are a bar column, price source, leader's price, feature or output, "" where the kind takes none.
    `timeframe` is the name of one of the card's; `symbol` the leader whose bars it is computed over, "" for the card's
    own. `params` holds every parameter of the kind, defaults filled in. With `history` a recursive kind starts anew for
    each value, that many bars back.
    """

    name: str
    use: str
    of: str
    timeframe: str
    params: dict[str, Any]
    history: int | None = None
    other: str = attrs.field(default="", metadata=OPTIONAL)
    expr: NumberExpr | None = attrs.field(default=None, metadata=OPTIONAL)
    fresh: Fresh | None = attrs.field(default=None, metadata=OPTIONAL)
    own: OwnStep | None = attrs.field(default=None, metadata=OPTIONAL)
    symbol: str = attrs.field(default="", metadata=OPTIONAL)
    place: Place = attrs.field(default=Place(""), eq=False)  # in the card's file

    @property
    def kind(self) -> Indicator:
        """Its kind; KeyError for an expression."""
        return INDICATORS[self.use] if self.own is None else self.own.kind

    @property
    def feed(self) -> str:
        """What the bars that it is computed over are called among the card's."""
        return feed_key(self.symbol, self.timeframe)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The columns it reads, in the order of its kind's inputs."""
        if self.expr is not None:
            return tuple(dict.fromkeys(leaf.name for leaf in leaves(self.expr) if isinstance(leaf, Series)))
        return self.kind.input_names({"of": self.of, "with": self.other})

    @property
    def column_names(self) -> dict[str, str]:
        """Output -> column name."""
        return {"value": self.name} if self.expr is not None else self.kind.column_names(self.name)

    def warm_index(self, warm: Callable[[str], int]) -> dict[str, int]:
        """Output -> the index of its first defined value, from those of its inputs."""
        if self.expr is not None:
            series = [leaf for leaf in leaves(self.expr) if isinstance(leaf, Series)]
            return {"value": max((warm(leaf.name) + leaf.lag for leaf in series), default=0)}
        start = max(map(warm, self.inputs), default=0)
        first = self.restart - 1 if self.restart is not None else 0
        return {output: start + max(index, first) for output, index in self.kind.warm_index(self.params).items()}

    @property
    def restart(self) -> int | None:
        """How many bars back each value starts; None for a kind of a window, and where the card does not say."""
        return self.history if self.own is None and self.use and self.kind.is_recursive else None


@attrs.frozen
class Emit:
    """The action of a case, with its size, order and protection."""

    action: Action
    metadata: IntentMetadata


@attrs.frozen
class Case:
    """One condition of a block; `emit` is None for `action: none`."""

    when: TruthExpr
    emit: Emit | None


@attrs.frozen
class Block:
    """A named decision: the first case that holds emits; if none does, `otherwise` (the card's `else`)."""

    id: str
    cases: tuple[Case, ...]
    otherwise: Emit | None = None


@attrs.frozen
class Card:
    """One trading idea. `warmup` counts exec bars from the file's first."""

    id: str
    thesis: str
    market: Market
    timeframes: Timeframes
    account: AccountSpec
    warmup: int | None
    features: tuple[Feature, ...]
    blocks: tuple[Block, ...]
    parameters: tuple[Parameter, ...] = attrs.field(default=(), metadata=OPTIONAL)
    leaders: tuple[str, ...] = attrs.field(default=(), metadata=OPTIONAL)  # in the order of the alphabet

    def emits(self) -> Iterator[Emit]:
        """What its cases and `else` parts emit, in card order."""
        for block in self.blocks:
            stated = (*(case.emit for case in block.cases), block.otherwise)
            yield from (emit for emit in stated if emit is not None)

    def conditions(self) -> Iterator[TruthExpr]:
        """Those of its cases, in card order, then those that end a resting entry."""
        for block in self.blocks:
            yield from (case.when for case in block.cases)
        yield from self.endings()

    def endings(self) -> Iterator[TruthExpr]:
        """The conditions until which its entries rest."""
        stated = (emit.metadata.order.expires_when for emit in self.emits())
        yield from dict.fromkeys(when for when in stated if when is not None)
