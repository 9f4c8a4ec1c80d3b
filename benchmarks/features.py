"""Measures the features of one card: twenty indicators and ten structures over many bars, and live steps of them.

    python -P -m benchmarks.features [--bars 1000000] [--rounds 5] [--cold]

Real time, beside the processor time of the same work; read it on a machine that does nothing else. The machine code is
on the disk before it is measured; `--cold` measures in a process without any. Targets: 1.5 s a million bars, 300 us a
live step, 30 s when cold.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

from benchmarks.bars import make_bars
from benchmarks.workloads import native_bars
from ideacards.card import Card
from ideacards.feeds import Bars, Feeds
from ideacards.loader import read_card

__all__ = ["FEATURES", "card_of", "main"]

FEATURES = """\
sma_20: {use: sma, length: 20}
ema_12: {use: ema, length: 12}
ema_26: {use: ema, length: 26}
wma_30: {use: wma, length: 30}
hull: {use: hma, length: 16}
kaufman: {use: kama, length: 10}
rsi_14: {use: rsi, length: 14}
macd_line: {use: macd}
stoch_14: {use: stoch, length: 14}
cci_20: {use: cci, length: 20}
mfi_14: {use: mfi, length: 14}
adx_14: {use: adx, length: 14}
turn: {use: supertrend}
atr_14: {use: atr, length: 14}
bands: {use: bbands, length: 20}
channel: {use: donchian, length: 55}
deviation: {use: stdev, length: 20}
flow: {use: obv}
slope: {use: linreg, length: 50}
rank: {use: percentile_rank, length: 100}
swing_2: {use: swing}
legs: {use: zigzag, threshold: 1.0}
trend: {use: trend_state}
breaks: {use: structure_break}
block: {use: order_block}
gap: {use: fair_value_gap}
equal: {use: equal_levels, tolerance: 0.1}
demand: {use: zone}
yesterday: {use: previous_day}
london: {use: session_range, start: 480, end: 990}
"""
_CARD = """\
id: thirty_features
thesis: Many features at once.
market: {{venue: bybit, category: linear, symbol: BTCUSDT}}
timeframes: {{exec: 1m}}
account: {{equity: 1000000, leverage: 1}}
features:
{features}
blocks:
  - id: entry
    cases:
      - when: close > sma_20
        emit: {{action: enter_long, size: {{notional: 1000}}}}
"""


def card_of(features: str = FEATURES) -> Card:
    """A card with these lines under `features`."""
    return read_card(_CARD.format(features="\n".join(f"  {line}" for line in features.splitlines())), "benchmark")


def _best(rounds: int, work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of real and of processor time of the quickest round."""
    found = []
    for _ in range(rounds):
        real, used = time.perf_counter(), time.process_time()
        work()
        found.append((time.perf_counter() - real, time.process_time() - used))
    return min(found)


def _batch(bars: Bars, features: str, rounds: int) -> tuple[float, float]:
    """Seconds of the features of a card over all bars; an empty card's are none of theirs."""
    card = card_of(features)
    Feeds.build(card, bars.head(10))
    return _best(rounds, lambda: Feeds.build(card, bars))


def _live_step_us(bars: Bars, rounds: int, steps: int = 500) -> float:
    """Microseconds of real time for one more bar, the mean of many."""
    card, best = card_of(), float("inf")
    for _ in range(rounds):
        feeds = Feeds.build(card, bars.head(2_000))
        known = [bars.head(2_001 + step) for step in range(steps)]
        begun = time.perf_counter()
        for each in known:
            feeds.extend(each)
        best = min(best, time.perf_counter() - begun)
    return best / steps * 1e6


def _cold_s() -> float:
    """Seconds of a new process, with its imports, that has no machine code on disk and makes all of it."""
    text = "from benchmarks import features; features.main(['--bars', '3000', '--rounds', '1', '--whole'])"
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-P", "-c", text], env=os.environ | {"NUMBA_CACHE_DIR": folder}, check=True)
        return time.perf_counter() - begun


def main(argv: list[str] | None = None) -> None:
    """Print a line a feature, and what all of them cost together."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--bars", type=int, default=1_000_000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--cold", action="store_true", help="also a process without machine code on disk")
    options.add_argument("--whole", action="store_true", help="no line a feature")
    chosen = options.parse_args(argv)
    bars = native_bars(make_bars(chosen.bars))
    real, used = _batch(bars, FEATURES, chosen.rounds)
    for line in () if chosen.whole else FEATURES.splitlines():
        alone = _batch(bars, f"{line}\nsma_20: {{use: sma, length: 20}}" if "sma_20" not in line else line, 2)
        print(f"{line:<64}{alone[0] * 1e3:8.1f} ms")
    step_us = _live_step_us(bars, chosen.rounds)
    print(
        f"all of them over {chosen.bars:,} bars: {real:.3f} s, {used:.3f} s of processors; a live step {step_us:.0f} us"
    )
    if chosen.cold:
        print(f"a process that compiles all of them: {_cold_s():.1f} s")


if __name__ == "__main__":
    main()
