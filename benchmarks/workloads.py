"""The reference workloads as the engine takes them: cards, the instrument, and bars in memory.

A crosses two averages; B is A with stop loss and take profit; the sparse one is A with slow averages, which decides
rarely. C, the grid, is a script (`grid.py`), for cards cannot express it yet. Every fill costs 0.055 %, as maker too.
"""

import attrs

from actors.model.fixed import Money, Price, Qty, Rate
from actors.model.instrument import Instrument
from benchmarks.bars import BenchBars
from benchmarks.exact_loops import ExactRun, IntBars, RoundTo, crossover_run
from ideacards.card import Card
from ideacards.feeds import Bars
from ideacards.loader import read_card

__all__ = ["INSTRUMENT", "PRICE_DIGITS", "SPARSE", "A", "B", "Crossover", "int_bars", "native_bars"]

PRICE_DIGITS = 2
INSTRUMENT = Instrument(
    symbol="BTCUSDT",
    price_digits=PRICE_DIGITS,
    qty_digits=6,
    rate_digits=5,
    tick=Price(1),
    step=Qty(1),
    min_qty=Qty(1),
    max_qty=Qty(10**12),
    max_market_qty=Qty(10**12),
    min_notional=Money(0),
    maker_rate=Rate(55),
    taker_rate=Rate(55),
)


@attrs.frozen
class Crossover:
    """A card of two averages: lengths in bars, notional in quote coin, stop loss and take profit in percent or None."""

    name: str
    fast: int
    slow: int
    notional: int = 1000
    stop_percent: int | None = None
    target_percent: int | None = None

    @property
    def text(self) -> str:
        """The card as a user writes it."""
        brackets = "".join(
            f", {key}: {{percent: {value}}}"
            for key, value in (("stop_loss", self.stop_percent), ("take_profit", self.target_percent))
            if value is not None
        )
        return f"""id: workload_{self.name}
thesis: The crossover of the reference workload.
market: {{venue: bybit, category: linear, symbol: {INSTRUMENT.symbol}}}
timeframes: {{exec: 1m}}
account: {{equity: 1000000, leverage: 1}}
warmup: {self.slow}
features:
  fast: {{use: ema, of: close, length: {self.fast}}}
  slow: {{use: ema, of: close, length: {self.slow}}}
blocks:
  - id: entry
    cases:
      - when: position.flat and crosses_above(fast, slow)
        emit: {{action: enter_long, size: {{notional: {self.notional}}}{brackets}}}
  - id: exit
    cases:
      - when: position.long and crosses_below(fast, slow)
        emit: {{action: exit}}
"""

    def card(self) -> Card:
        """The card, loaded like a user's file."""
        return read_card(self.text, f"workload_{self.name}.yaml")

    def exact(self, bars: IntBars, round_to: RoundTo = RoundTo.HOUSE) -> ExactRun:
        """The exact loop's run of this card over these bars."""
        return crossover_run(
            bars,
            fast=self.fast,
            slow=self.slow,
            warmup=self.slow,
            notional=self.notional,
            stop_percent=self.stop_percent,
            target_percent=self.target_percent,
            round_to=round_to,
        )


A = Crossover("a", 12, 26)
B = Crossover("b", 12, 26, stop_percent=1, target_percent=2)
SPARSE = Crossover("sparse", 120, 260)


def native_bars(bars: BenchBars, shift_ticks: int = 0) -> Bars:
    """The columns that the engine takes, made before time is measured; every price is moved by `shift_ticks`."""
    columns = {"open": bars.open, "high": bars.high, "low": bars.low, "close": bars.close}
    one = 10**PRICE_DIGITS
    scaled = {name: (column * one).round().astype("int64") + shift_ticks for name, column in columns.items()}
    return Bars.of_columns(INSTRUMENT.symbol, 60_000, PRICE_DIGITS, bars.ts_open_ms, scaled, bars.volume)


def int_bars(bars: Bars) -> IntBars:
    """The same bars for the exact loops."""
    columns = (bars.price_open, bars.price_high, bars.price_low, bars.price_close)
    return IntBars(*(column.tolist() for column in columns))
