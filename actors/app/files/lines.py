"""Other prices from files: bars of the mark or index price, and best bids and asks, laid on the run's bars.

For a bar without quotes, bid and ask equal the last price.
"""

from pathlib import Path

import attrs
import numpy as np

from actors.app.files.bars import read_bars
from actors.app.files.findings import Findings
from actors.app.files.ticks import read_ticks
from actors.simulator.prices.finer import Trades
from actors.simulator.prices.lines import LineData
from ideacards.feeds import Bars, IntArray

__all__ = ["price_bars", "quote_lines"]


def price_bars(path: Path, bars: Bars) -> LineData:
    """Bars of another price at the times of the run's; InputError where one is missing."""
    own = read_bars(path, bars.symbol, bars.timeframe_ms, bars.price_digits)
    if own.price_digits > bars.price_digits:
        what = f"has prices of {own.price_digits} decimals, the bars have {bars.price_digits}"
        raise Findings(path).fatal(what, "write one price of the bars with that many decimals")
    at = np.searchsorted(own.ts_open, bars.ts_open)
    found = at < len(own)
    found[found] = own.ts_open[at[found]] == bars.ts_open[found]
    if not found.all():
        missing = int(bars.ts_open[np.flatnonzero(~found)[0]])
        what = f"has no bar of {missing}, and {int((~found).sum()) - 1} more of the run's are missing"
        raise Findings(path).fatal(what, "a price that stands in for another must be known throughout")
    columns = ("open", "high", "low", "close", "volume", "price_open", "price_high", "price_low", "price_close")
    return LineData(attrs.evolve(bars, **{name: getattr(own, name)[at] for name in columns}))


def quote_lines(path: Path, bars: Bars) -> tuple[LineData, LineData]:
    """The ask and the bid; InputError for a quote whose bid is over its ask, or when none lies within the bars."""
    ticks = read_ticks(path, "quote", ("bid", "ask"), bars.price_digits)
    bid, ask = ticks.prices["bid"], ticks.prices["ask"]
    crossed = np.flatnonzero(bid > ask)
    if len(crossed):
        what = f"the bid is over the ask, and {len(crossed) - 1} more are so"
        raise Findings(path).fatal(what, "columns are ts_ms,bid,ask", int(ticks.line[crossed[0]]))
    first = np.searchsorted(ticks.ts_ms, bars.ts_open, side="left")
    stop = np.searchsorted(ticks.ts_ms, bars.ts_close, side="left")
    covered = np.flatnonzero(stop > first)
    if not len(covered):
        raise Findings(path).fatal("has no quote within the time of the run's bars", "both files must be of one market")
    ask_line, bid_line = (
        _quoted(bars, ticks.ts_ms, price, covered, first[covered], stop[covered]) for price in (ask, bid)
    )
    return ask_line, bid_line


def _quoted(
    bars: Bars, ts_ms: IntArray, price: IntArray, covered: IntArray, first: IntArray, stop: IntArray
) -> LineData:
    """One side as a price line: at a bar's open it is the quote before it, or else the first inside."""
    columns = {name: getattr(bars, name).copy() for name in ("price_open", "price_high", "price_low", "price_close")}
    opens = price[np.maximum(first - 1, 0)]
    bounds = np.column_stack((first, stop)).ravel()
    if bounds[-1] == len(price):
        bounds = bounds[:-1]
    highs, lows = np.maximum.reduceat(price, bounds)[::2], np.minimum.reduceat(price, bounds)[::2]
    columns["price_open"][covered] = opens
    columns["price_close"][covered] = price[stop - 1]
    columns["price_high"][covered] = np.maximum(highs, opens)
    columns["price_low"][covered] = np.minimum(lows, opens)
    own = attrs.evolve(bars, **columns)
    return LineData(own, Trades(own, ts_ms, price))
