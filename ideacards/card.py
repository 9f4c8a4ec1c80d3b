"""The IdeaCard as the program sees it: complete, checked, frozen. The loader makes it from YAML; nothing else does.

Values are resolved here (every feature knows its source, timeframe and parameters), so two cards that mean the same
are equal. Prices and sizes stay references and decimals: rounding belongs to the instrument.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Annotated, Any

import attrs

from ideacards.expressions.nodes import NumberExpr, Series, TruthExpr, leaves
from ideacards.indicators.registry import INDICATORS, Indicator
from ideacards.intents import Action, IntentMetadata
from ideacards.loading.rules import Number, OneOf, TimeframeText, Word
from ideacards.loading.tree import Place
from ideacards.timeframe import Timeframe, timeframe_of

__all__ = [
    "OPTIONAL",
    "AccountSpec",
    "Block",
    "Card",
    "Case",
    "Emit",
    "Feature",
    "Market",
    "Timeframe",
    "Timeframes",
    "timeframe_of",
]

OPTIONAL = {"is_optional": True}  # a field added later: where it holds its default, older cards keep their digest


@attrs.frozen
class Market:
    """What is traded."""

    venue: Annotated[str, OneOf(("bybit",))]
    category: Annotated[str, OneOf(("linear",))]
    symbol: Annotated[str, Word("[A-Z0-9][A-Z0-9-]{0,31}", "a symbol like BTCUSDT")]


@attrs.frozen
class Timeframes:
    """The bars the card is called with (`exec`), and up to two slower ones, each a multiple of exec."""

    exec: Annotated[Timeframe, TimeframeText()]
    mtf: Annotated[Timeframe, TimeframeText()] | None = None
    htf: Annotated[Timeframe, TimeframeText()] | None = None


@attrs.frozen
class AccountSpec:
    """What a back-test starts with, in quote coin."""

    equity: Annotated[Decimal, Number(above=0)]
    leverage: Annotated[Decimal, Number(at_least=1, at_most=1000)] = Decimal(1)


@attrs.frozen
class Feature:
    """A named series: a kind of feature with its parameters, or an arithmetic expression of other series (`expr`).

    `use` names the kind, "" for an expression. `of` and `other` (the card's `with`) are a bar column, price source,
    feature or output, "" where the kind takes none. `timeframe` is `exec`, `mtf` or `htf`; `params` holds every
    parameter of the kind, defaults filled in.
    """

    name: str
    use: str
    of: str
    timeframe: str
    params: dict[str, Any]
    history: int | None = None
    other: str = attrs.field(default="", metadata=OPTIONAL)
    expr: NumberExpr | None = attrs.field(default=None, metadata=OPTIONAL)
    place: Place = attrs.field(default=Place(""), eq=False)  # in the card's file

    @property
    def kind(self) -> Indicator:
        """Its kind; KeyError for an expression."""
        return INDICATORS[self.use]

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
        return {output: start + index for output, index in self.kind.warm_index(self.params).items()}


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

    def emits(self) -> Iterator[Emit]:
        """What its cases and `else` parts emit, in card order."""
        for block in self.blocks:
            stated = (*(case.emit for case in block.cases), block.otherwise)
            yield from (emit for emit in stated if emit is not None)
