"""What the exchange lists: symbols by category, with their coins, grids and bars on the server's time."""

import attrs
import numpy as np

from actors.model.instrument import Instrument
from actors.model.order import Category
from actors.simulator.inputs import BARS_ALONE, MarketInputs
from actors.simulator.margin.funding import Funding
from actors.simulator.prices.lines import LineData, PriceInputs
from ideacards.feeds import Bars

__all__ = ["FUNDING_INTERVAL_MS", "HISTORY_BARS", "Listing", "funding_of", "shifted"]

HISTORY_BARS = 3_000  # at least so many bars lie before the start
FUNDING_INTERVAL_MS = 8 * 3_600_000
_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS
_WEEK_MS = 7 * _DAY_MS
_COINS = ("USDT", "USDC", "BTC", "ETH")  # what a symbol may end with


@attrs.frozen(eq=False)
class Listing:
    """One symbol. `bars` are on server time; those before `start` are history, [start, len) are still to come.

    `seed` decides everything synthetic around the bars. With `is_plain` orders meet the bars alone, as in a back-test:
    no spread, no funding.
    """

    category: Category
    instrument: Instrument
    bars: Bars
    start: int
    seed: int
    funding: Funding = attrs.Factory(Funding)
    is_plain: bool = False

    @property
    def symbol(self) -> str:
        """Its name."""
        return self.instrument.symbol

    @property
    def quote_coin(self) -> str:
        """The coin prices are in; of a linear symbol also the settle coin."""
        return next((coin for coin in _COINS if self.symbol.endswith(coin)), "USDT")

    @property
    def base_coin(self) -> str:
        """The coin quantities are in."""
        return self.symbol.removesuffix(self.quote_coin)

    def inputs(self) -> MarketInputs:
        """What the matching runs on beside the bars: an ask one tick above the last price, the bid at it."""
        if self.is_plain:
            return BARS_ALONE
        ask = _moved(self.bars, self.instrument.tick)
        return MarketInputs(PriceInputs(ask=LineData(ask), bid=LineData(self.bars)), self.funding)


def _moved(bars: Bars, by: int) -> Bars:
    """The same bars, every price `by` higher."""
    prices = {name: getattr(bars, f"price_{name}") + by for name in ("open", "high", "low", "close")}
    return Bars.of_columns(bars.symbol, bars.timeframe_ms, bars.price_digits, bars.ts_open, prices, bars.volume)


def shifted(bars: Bars, start_ms: int, history: int = HISTORY_BARS) -> tuple[Bars, int]:
    """The bars moved so that one begins at or before `start_ms`, with `history` before it and others to come.

    They move by whole weeks, which keeps the buckets of slower timeframes; where there are too few bars for that, by
    whole days, hours or bars. Data that covers the start keeps its own time. Returns the bars and the index of the bar
    that is open at the start. Raises ValueError where there are too few bars.
    """
    if len(bars) <= history + 1:
        raise ValueError(f"{len(bars)} bars are too few: {history} go before the start")
    first_ms, last_ms = int(bars.ts_open[history]), int(bars.ts_open[-1])
    by_ms = 0
    if not first_ms <= start_ms < last_ms:
        for unit_ms in (_WEEK_MS, _DAY_MS, _HOUR_MS, bars.timeframe_ms):
            by_ms = (start_ms - first_ms) // unit_ms * unit_ms
            if start_ms < last_ms + by_ms:
                break
    opens = bars.ts_open + by_ms
    start = int(np.searchsorted(opens, start_ms, side="right")) - 1
    prices = {name: getattr(bars, f"price_{name}") for name in ("open", "high", "low", "close")}
    return Bars.of_columns(bars.symbol, bars.timeframe_ms, bars.price_digits, opens, prices, bars.volume), start


def funding_of(instrument: Instrument, from_ms: int, to_ms: int, seed: int) -> Funding:
    """A synthetic rate between -0.01 % and +0.03 % every eight hours, in (from, to]."""
    first = from_ms // FUNDING_INTERVAL_MS + 1
    times = [number * FUNDING_INTERVAL_MS for number in range(first, to_ms // FUNDING_INTERVAL_MS + 1)]
    unit = 10 ** (instrument.rate_digits - 6)  # 0.0001 % each
    rates = [unit * ((seed * 31 + time // FUNDING_INTERVAL_MS * 7919) % 401 - 100) for time in times]
    return Funding(tuple(times), tuple(rates))
