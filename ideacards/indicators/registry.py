"""What indicators exist: parameters, sources, outputs, and the index at which each output becomes defined.

Data only. The arithmetic is in the module `ideacards.indicators.<name>`, which imports numba; the card loader needs
names and parameters only and should not wait for that import.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

import attrs

__all__ = ["FLATS", "INDICATORS", "SEEDS", "UNKNOWN", "Indicator", "Param", "ParamKind", "Params"]

Params = Mapping[str, Any]
SEEDS = ("first", "sma")
FLATS = (0, 50, 100)
UNKNOWN = -1.0  # an optional number that the card does not state


class ParamKind(StrEnum):
    """What a parameter may be."""

    LENGTH = "length"  # a whole number of bars, at least 1
    NUMBER = "number"  # a float above 0
    SEED = "seed"  # one of SEEDS
    FLAT = "flat"  # one of FLATS; UNKNOWN if the card states none


@attrs.frozen
class Param:
    """One parameter; a default of None means that the card must give it."""

    name: str
    kind: ParamKind = ParamKind.LENGTH
    default: int | float | str | None = None


@attrs.frozen
class Indicator:
    """One indicator. `default_of` is the source a feature without `of` reads; None: it takes none and reads the bars.

    `warm_index(params)` gives for each output the index of its first defined value, counted from the source's first.
    `check(params)` says what is wrong with a combination of valid parameters, or is None.
    """

    name: str
    params: tuple[Param, ...]
    warm_index: Callable[[Params], dict[str, int]]
    default_of: str | None = "close"
    outputs: tuple[str, ...] = ("value",)
    check: Callable[[Params], str | None] = lambda params: None

    @property
    def bar_inputs(self) -> tuple[str, ...]:
        """The bar columns read by an indicator without `of`."""
        return ("high", "low", "close") if self.default_of is None else ()

    def column_names(self, feature: str) -> dict[str, str]:
        """Output -> column name: the feature's own name when it has one output, else `feature.output`."""
        if len(self.outputs) == 1:
            return {self.outputs[0]: feature}
        return {output: f"{feature}.{output}" for output in self.outputs}


def _window_warm(params: Params) -> dict[str, int]:
    return {"value": params["length"] - 1}


def _wilder_warm(params: Params) -> dict[str, int]:
    return {"value": params["length"]}


def _bbands_warm(params: Params) -> dict[str, int]:
    return dict.fromkeys(("upper", "middle", "lower"), params["length"] - 1)


def _macd_warm(params: Params) -> dict[str, int]:
    line = params["slow"] - 1
    signal = params["slow"] + params["signal"] - 2
    return {"line": line, "signal": signal, "histogram": signal}


def _macd_check(params: Params) -> str | None:
    if params["fast"] >= params["slow"]:
        return f"fast ({params['fast']}) must be shorter than slow ({params['slow']})"
    return None


_LENGTH = Param("length")
_SEED = Param("seed", ParamKind.SEED, "first")

INDICATORS: dict[str, Indicator] = {
    indicator.name: indicator
    for indicator in (
        Indicator("sma", (_LENGTH,), _window_warm),
        Indicator("ema", (_LENGTH, _SEED), _window_warm),
        Indicator("rsi", (_LENGTH, Param("flat", ParamKind.FLAT, UNKNOWN)), _wilder_warm),
        Indicator("atr", (_LENGTH,), _wilder_warm, default_of=None),
        Indicator("highest", (_LENGTH,), _window_warm, default_of="high"),
        Indicator("lowest", (_LENGTH,), _window_warm, default_of="low"),
        Indicator(
            "macd",
            (Param("fast", default=12), Param("slow", default=26), Param("signal", default=9), _SEED),
            _macd_warm,
            outputs=("line", "signal", "histogram"),
            check=_macd_check,
        ),
        Indicator(
            "bbands",
            (_LENGTH, Param("multiplier", ParamKind.NUMBER, 2.0)),
            _bbands_warm,
            outputs=("upper", "middle", "lower"),
        ),
    )
}
