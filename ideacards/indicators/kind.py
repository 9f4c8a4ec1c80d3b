"""What a kind of feature is: its parameters, inputs, outputs, state, and the index at which each output is defined.

Data only. `step` names the scalar step function; the card loader needs names and parameters and imports no arithmetic.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

import attrs

__all__ = [
    "FLATS",
    "OF",
    "SEEDS",
    "SOURCES",
    "UNKNOWN",
    "WITH",
    "Indicator",
    "Param",
    "ParamKind",
    "Params",
    "table_of",
]

Params = Mapping[str, Any]
SEEDS = ("first", "sma")
FLATS = (0, 50, 100)
UNKNOWN = -1.0  # an optional number that the card does not state
OF, WITH = "of", "with"
SOURCES = (OF, WITH)


class ParamKind(StrEnum):
    """What a parameter may be, and what the step function gets for it."""

    LENGTH = "length"  # a whole number of bars, at least 1: an int
    TIME = "time"  # a time, UTC ms: an int
    NUMBER = "number"  # a number above 0: a float
    SEED = "seed"  # one of SEEDS: its index, an int
    FLAT = "flat"  # one of FLATS; UNKNOWN if the card states none: a float
    MINUTE = "minute"  # a minute of the UTC day, 0 to 1439: an int
    WORD = "word"  # one of the parameter's words: its index, an int


@attrs.frozen
class Param:
    """One parameter; a default of None means that the card must give it. `words` are the choices of a WORD."""

    name: str
    kind: ParamKind = ParamKind.LENGTH
    default: int | float | str | None = None
    words: tuple[str, ...] = ()

    @property
    def choices(self) -> tuple[str, ...]:
        """The words that the parameter may be."""
        return SEEDS if self.kind is ParamKind.SEED else self.words

    @property
    def is_float(self) -> bool:
        """Whether the step function gets a float; else it gets an int."""
        return self.kind in (ParamKind.NUMBER, ParamKind.FLAT)

    def scalar(self, value: Any) -> int | float:
        """What the step function gets for a value of a card."""
        if self.choices:
            return self.choices.index(value)
        return float(value) if self.is_float else int(value)


@attrs.frozen
class Indicator:
    """One kind of feature.

    `inputs` are what a step reads of a bar, in order: `of` and `with` (the sources a card names; `default_of` and
    `default_with` if it does not), and bar columns: open, high, low, close, volume, ts_open, ts_close (UTC ms as
    float). `step` is `module:function` under `ideacards.`; the function is called with the state (floats, all 0 at the
    start, as many as `state_size(params)`), the inputs and the scalars of the parameters, changes the state and returns
    one float, or a tuple of as many as there are `outputs`. NaN is unknown.
    `warm_index(params)` gives for each output the index of its first defined value, counted from the source's first.
    `check(params)` says what is wrong with a combination of valid parameters, or is None.
    `is_recursive`: a value depends on all bars since the first, with a weight that falls; else on a window.
    `waits_for_data`: the warm index is the first bar at which a value can exist; it is unknown until the data make one,
    which nothing waits for.
    """

    name: str
    step: str
    params: tuple[Param, ...]
    warm_index: Callable[[Params], dict[str, int]]
    state_size: Callable[[Params], int]
    inputs: tuple[str, ...] = (OF,)
    default_of: str | None = "close"
    default_with: str | None = None
    outputs: tuple[str, ...] = ("value",)
    check: Callable[[Params], str | None] = lambda params: None
    is_recursive: bool = False
    waits_for_data: bool = False

    @property
    def bar_inputs(self) -> tuple[str, ...]:
        """The bar columns it reads, whatever its sources are."""
        return tuple(name for name in self.inputs if name not in SOURCES)

    @property
    def sources(self) -> tuple[str, ...]:
        """Which of `of` and `with` it takes."""
        return tuple(name for name in self.inputs if name in SOURCES)

    def input_names(self, sources: Mapping[str, str]) -> tuple[str, ...]:
        """The columns that a feature with these sources reads, in the order of `inputs`."""
        return tuple(sources.get(name, name) for name in self.inputs)

    def scalars(self, params: Params) -> tuple[int | float, ...]:
        """What the step function gets after the inputs; a parameter that is not there has its default."""
        return tuple(param.scalar(params.get(param.name, param.default)) for param in self.params)

    def column_names(self, feature: str) -> dict[str, str]:
        """Output -> column name: the feature's own name when it has one output, else `feature.output`."""
        if len(self.outputs) == 1:
            return {self.outputs[0]: feature}
        return {output: f"{feature}.{output}" for output in self.outputs}


def table_of(*kinds: Indicator) -> dict[str, Indicator]:
    """The kinds by name; ValueError for a name that stands twice."""
    table = {kind.name: kind for kind in kinds}
    if len(table) != len(kinds):
        raise ValueError("a kind stands twice")
    return table


def value_from(index: Callable[[Params], int]) -> Callable[[Params], dict[str, int]]:
    """The warm index of a kind with one output."""
    return lambda params: {"value": index(params)}


def all_from(outputs: tuple[str, ...], index: Callable[[Params], int]) -> Callable[[Params], dict[str, int]]:
    """The warm index of a kind whose outputs are all defined from the same bar on."""
    return lambda params: dict.fromkeys(outputs, index(params))


def at_least(name: str, least: int) -> Callable[[Params], str | None]:
    """The check that a length is at least so many bars."""
    return lambda params: None if params[name] >= least else f"{name} ({params[name]}) must be at least {least}"
