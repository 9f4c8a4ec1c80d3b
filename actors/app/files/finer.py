"""Finer data from files: shorter bars that must add up to the run's bars, or trades that must lie within them."""

from pathlib import Path

import numpy as np

from actors.app.files.bars import read_bars
from actors.app.files.findings import Findings
from actors.app.files.ticks import read_ticks
from actors.app.files.times import span_text
from actors.model.errors import InputError
from actors.simulator.prices.finer import FinerBars, FinerData, Trades
from actors.simulator.prices.path import PathPolicy
from ideacards.errors import Problem
from ideacards.feeds import Bars, IntArray

__all__ = ["finer_bars", "finer_trades"]

_LISTED = 5
_HINT = "both files must be of one market: take them from one source"


def finer_bars(path: Path, bars: Bars, policy: PathPolicy) -> FinerData:
    """Bars of a shorter timeframe; InputError where those of a whole bar do not add up to it.

    A bar may have no finer bars. If some are missing, the others are dropped unless they add up to the bar.
    """
    finer = read_bars(path, bars.symbol, None, bars.price_digits)
    span, finer_span = span_text(bars.timeframe_ms), span_text(finer.timeframe_ms)
    if finer.timeframe_ms >= bars.timeframe_ms or bars.timeframe_ms % finer.timeframe_ms:
        raise Findings(path).fatal(f"its bars are {finer_span} apart, and {span} bars are no multiple of that", "")
    if finer.price_digits > bars.price_digits:
        what = f"has prices of {finer.price_digits} decimals, the bars have {bars.price_digits}"
        raise Findings(path).fatal(what, _HINT)
    first = np.searchsorted(finer.ts_open, bars.ts_open, side="left")
    stop = np.searchsorted(finer.ts_open, bars.ts_close, side="left")
    covered = np.flatnonzero(stop > first)
    if not len(covered):
        raise Findings(path).fatal("has no bar within the time of the run's bars", _HINT)
    left_out = _check_sums(path, bars, finer, covered, first[covered], stop[covered])
    return FinerBars(bars, finer, policy, left_out)


def _check_sums(path: Path, bars: Bars, finer: Bars, covered: IntArray, first: IntArray, stop: IntArray) -> list[int]:
    """Check that finer bars give the prices of each bar; returns the bars for which there are too few."""
    is_whole = stop - first == bars.timeframe_ms // finer.timeframe_ms
    highs = np.array([finer.price_high[a:b].max() for a, b in zip(first, stop, strict=True)])
    lows = np.array([finer.price_low[a:b].min() for a, b in zip(first, stop, strict=True)])
    pairs = {
        "open": (finer.price_open[first], bars.price_open[covered]),
        "high": (highs, bars.price_high[covered]),
        "low": (lows, bars.price_low[covered]),
        "close": (finer.price_close[stop - 1], bars.price_close[covered]),
    }
    problems: list[Problem] = []
    is_off = np.zeros(len(covered), dtype=bool)
    for name, (found, wanted) in pairs.items():
        is_off |= found != wanted
        for at in np.flatnonzero((found != wanted) & is_whole).tolist():
            scale = 10**bars.price_digits
            what = f"{name} {found[at] / scale} of its finer bars, and the bar has {wanted[at] / scale}"
            problems.append(Problem(str(path), None, None, f"bar {int(bars.ts_open[covered[at]])}", what, _HINT))
    if len(problems) > _LISTED:
        more = Problem(str(path), None, None, "", f"and {len(problems) - _LISTED} more that do not add up", _HINT)
        problems = [*problems[:_LISTED], more]
    if problems:
        raise InputError(problems)
    left_out: list[int] = covered[is_off & ~is_whole].tolist()
    return left_out


def finer_trades(path: Path, bars: Bars, qty_digits: int) -> Trades:
    """Trades, with their sizes if the file has them; InputError for one that lies outside the bar of its time.

    A bar may have no trades.
    """
    ticks = read_ticks(path, "trade", ("price",), bars.price_digits, qty_digits)
    ts_ms, price = ticks.ts_ms, ticks.prices["price"]
    at = np.searchsorted(bars.ts_open, ts_ms, side="right") - 1
    inside = (at >= 0) & (ts_ms < bars.ts_close[np.maximum(at, 0)])
    if not inside.any():
        raise Findings(path).fatal("has no trade within the time of the run's bars", _HINT)
    own = np.maximum(at, 0)
    is_out = inside & ((price > bars.price_high[own]) | (price < bars.price_low[own]))
    if is_out.any():
        one = int(np.flatnonzero(is_out)[0])
        what = f"the trade of {int(ts_ms[one])} lies outside its bar, and {int(is_out.sum()) - 1} more do"
        raise Findings(path).fatal(what, _HINT, int(ticks.line[one]))
    return Trades(bars, ts_ms[inside], price[inside], None if ticks.sizes is None else ticks.sizes[inside])
