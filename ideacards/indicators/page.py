"""The page docs/indicators.md, printed from the registry and the step functions' docstrings.

`python -P -m ideacards.indicators.page > docs/indicators.md` writes it; a test compares the two.
"""

import inspect

from ideacards import structures
from ideacards.indicators.kernel import step_of
from ideacards.indicators.kind import UNKNOWN, Indicator, Param, ParamKind
from ideacards.indicators.registry import FAMILIES, INDICATORS

__all__ = ["indicators_page"]

_HEAD = """# Kinds of features

This page is printed from the registry (`python -P -m ideacards.indicators.page`); a test compares them. How features
stand in a card, what `of`, `with`, `timeframe` and `history` mean, and how to write a feature of your own says
[cards.md](cards.md#features).

In the formulas n is `length`. *Defined from index k* counts from the first known value of the source, which is index 0.
A value before that, and the result of a division by zero, is unknown; a kind passes over bars at which its source is
unknown. No kind reads a bar after the one it is evaluated at.
"""
_DIFFERENCES = (
    ("all windowed kinds", "TA-Lib keeps running sums, so a value depends on all bars before", "exactly the window"),
    (
        "ema, dema, tema, macd, ppo, tsi, force_index",
        "starts with the mean of the first n",
        "the first value; `seed: sma` is TA-Lib's",
    ),
    ("rsi, stoch, stochrsi, mfi", "0 where nothing has moved", "unknown; `flat: 0` is TA-Lib's"),
    ("cci, roc, williams_r, correlation", "0 where the divisor is 0", "unknown"),
    ("stoch.k, stochrsi.k, macd.line", "first shown with the last output of the function", "from its own first bar"),
    ("bbands, stdev", "mean of squares minus square of mean, which cancels", "mean of squared distances"),
    ("linreg.slope", "sums that cancel: off by 1e-9 of a slope of 1 at prices of 96,000", "distances from the means"),
    ("argmax_age, argmin_age", "of equal values now the first, now the last; counts from bar 0", "the latest; its age"),
    ("cmo", "CMO smooths gains and losses as RSI does", "Chande's sums of the window: TA-Lib CMOU"),
    ("percentile_rank", "counts the values below", "counts those at or below, as TradingView"),
    ("median", "PERCENTILE of 50 takes the lower middle value of an even n", "the mean of the two"),
    ("supertrend", "the first trend is up; no values differ after the first flip of both", "the first trend is down"),
    (
        "keltner",
        "KC is of hlc3 with SMA seed, and its ATR starts otherwise",
        "middle equal with those; width converges",
    ),
    ("mfi", "a sum of flow under 1 counts as 0", "no such limit"),
    ("adx", "+di and -di are 0 where the true range is 0", "unknown"),
)


def indicators_page() -> str:
    """The whole page, with a line feed at its end."""
    parts = [_HEAD]
    for family, table in FAMILIES.items():
        parts.append(f"## {family.capitalize()}\n")
        if family == "structures":
            parts.append(f"{inspect.getdoc(structures)}\n")
        parts += [_section(kind) for kind in table.values()]
    parts.append(_differences())
    return "\n".join(parts)


def _section(kind: Indicator) -> str:
    lines = [f"### {kind.name}\n", f"`{_written(kind)}`" + _outputs(kind), "", inspect.getdoc(step_of(kind.step)) or ""]
    return "\n".join(lines) + "\n"


def _written(kind: Indicator) -> str:
    """A feature of this kind as a card writes it, with its defaults."""
    keys = [f"use: {kind.name}"]
    if kind.default_of is not None:
        keys.append(f"of: {kind.default_of}")
    if "with" in kind.sources:
        keys.append(f"with: {kind.default_with or 'SERIES'}")
    return "{" + ", ".join([*keys, *map(_stated, kind.params)]) + "}"


def _stated(param: Param) -> str:
    if param.kind is ParamKind.FLAT and param.default == UNKNOWN:
        return f"{param.name}: 0 or 50 or 100, unknown if not said"
    default = "N" if param.default is None else f"{param.default:g}" if param.is_float else str(param.default)
    others = [word for word in param.choices if word != param.default]
    return f"{param.name}: {' or '.join([default, *others])}"


def _outputs(kind: Indicator) -> str:
    reads = f" · reads {', '.join(kind.bar_inputs)}" if kind.bar_inputs else ""
    outputs = f" · outputs {' '.join(f'`.{output}`' for output in kind.outputs)}" if len(kind.outputs) > 1 else ""
    return reads + outputs


def _differences() -> str:
    rows = [f"| {names} | {theirs} | {ours} |" for names, theirs, ours in _DIFFERENCES]
    head = ["## Differences from TA-Lib\n", _COMPARED, "| kind | TA-Lib | here |", "|---|---|---|"]
    return "\n".join([*head, *rows]) + "\n"


_COMPARED = f"""Of {len(INDICATORS)} kinds, those that TA-Lib has too agree with it to a relative 1e-9, column by column
(`tests/ideacards/indicators/test_against_talib.py`), apart from:
"""

if __name__ == "__main__":
    print(indicators_page(), end="")
