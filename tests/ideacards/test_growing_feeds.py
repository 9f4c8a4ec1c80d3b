"""Feeds that grow: bars that come in chunks give the columns, snapshots and intents of one batch over all of them."""

import os
import subprocess
import sys
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ideacards.blocks import PositionView, StrategyBlocksExecutor
from ideacards.card import Card
from ideacards.feeds import Bars, Feeds, GrowingBars, Snapshot
from ideacards.indicators.steppers import Stepper
from ideacards.loader import read_card
from tests.ideacards.builders import a_card_text
from tests.ideacards.markets import MINUTE_MS, a_card, a_feature, every_feature, random_bars

ROOT = Path(__file__).resolve().parents[2]
CARD = a_card(*(each for key in ("exec", "mtf", "htf") for each in every_feature(key)), mtf="5m", htf="15m")
DECIDING = read_card(
    a_card_text(
        timeframes="timeframes: {exec: 1m, mtf: 5m}",
        features="features:\n  fast: {use: ema, length: 3}\n  slow: {use: sma, length: 4, timeframe: mtf}",
        blocks="""blocks:
- id: entry
  cases:
  - when: crosses_above(fast, slow) and fast > close[2]
    emit: {action: enter_long, size: {quantity: 1}}
  - when: position.flat and slow / fast < 0.999
    emit: {action: enter_short, size: {quantity: 1}}""",
    ),
    "growing.yaml",
)
CHUNKS = st.lists(st.integers(1, 60), min_size=1, max_size=8)


def _market(count: int, seed: int) -> Bars:
    """Bars with gaps of a few minutes and one of hours, from the middle of a slower bucket on."""
    dice = np.random.default_rng(seed)
    lost = np.flatnonzero(dice.random(count) < 0.08)
    gap = int(dice.integers(0, count))
    lost = np.union1d(lost, np.arange(gap, min(count, gap + int(dice.integers(0, 200)))))
    return random_bars(count, seed, start_ms=int(dice.integers(0, 30)) * MINUTE_MS, lost=lost.tolist())


def _columns(feeds: Feeds) -> dict[str, bytes]:
    shown = {name: feeds.column(name).tobytes() for store in feeds.stores.values() for name in store.columns}
    for key, store in feeds.stores.items():
        shown |= {f"{key} {name}": column.tobytes() for name, column in store.columns.items()}
        shown[f"{key} closes"] = store.closes_at.astype(np.int64).tobytes()
        shown[f"{key} partial"] = np.array(store.partial).tobytes()
        shown[f"{key} bars"] = store.bars.ts_open.tobytes() + store.bars.volume.tobytes() + store.bars.high.tobytes()
    return shown | {"close times": bytes(feeds.close_times)}


def appended(columns: GrowingBars, bars: Bars, start: int, stop: int) -> Bars:
    for index in range(start, stop):
        prices = (bars.price_open, bars.price_high, bars.price_low, bars.price_close)
        opened, high, low, close = (int(column[index]) for column in prices)
        columns.append(int(bars.ts_open[index]), (opened, high, low, close), float(bars.volume[index]))
    return columns.newest()


def _grown(card: Card, bars: Bars, chunks: list[int], is_asked: bool) -> Feeds:
    columns = GrowingBars(bars.symbol, bars.timeframe_ms, bars.price_digits, capacity=2)
    stop = min(chunks[0] - 1, len(bars))
    feeds = Feeds.build(card, appended(columns, bars, 0, stop))
    for size in (*chunks[1:], len(bars)):
        if is_asked:
            _columns(feeds)  # what was shown before must not stand in the way of what comes
        start, stop = stop, min(stop + size, len(bars))
        feeds.extend(appended(columns, bars, start, stop))
    return feeds


@settings(max_examples=40, deadline=None)
@given(CHUNKS, st.integers(0, 2**31), st.booleans())
def test_columns_grown_in_chunks_are_those_of_one_batch(chunks: list[int], seed: int, is_asked: bool) -> None:
    bars = _market(sum(chunks) + 5, seed)
    assert _columns(_grown(CARD, bars, chunks, is_asked)) == _columns(Feeds.build(CARD, bars))


def test_bar_by_bar_is_the_same_too() -> None:
    bars = _market(240, 5)
    assert _columns(_grown(CARD, bars, [1] * 240, True)) == _columns(Feeds.build(CARD, bars))


def test_a_step_too_many_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def twice(self: Stepper, *inputs: float) -> tuple[float, ...]:
        honest(self, *inputs)
        return honest(self, *inputs)

    honest = Stepper.step
    monkeypatch.setattr(Stepper, "step", twice)
    bars = _market(100, 5)
    assert _columns(_grown(CARD, bars, [1] * 100, True)) != _columns(Feeds.build(CARD, bars))


@settings(max_examples=30, deadline=None)
@given(CHUNKS, st.integers(0, 2**31))
def test_an_executor_that_is_extended_decides_as_one_over_all_bars(chunks: list[int], seed: int) -> None:
    bars = _market(sum(chunks) + 5, seed)
    whole = Feeds.build(DECIDING, bars)
    at_once = StrategyBlocksExecutor(DECIDING, whole)
    columns = GrowingBars(bars.symbol, bars.timeframe_ms, bars.price_digits, capacity=2)
    feeds = Feeds.build(DECIDING, columns.newest())
    executor, stop = StrategyBlocksExecutor(DECIDING, feeds), 0
    for size in chunks:
        start, stop = stop, min(stop + size, len(bars))
        feeds.extend(appended(columns, bars, start, stop))
        executor.extend()
        for index in range(start, stop):
            expected = at_once.evaluate(Snapshot(whole, index + 1), PositionView())
            assert executor.evaluate(Snapshot(feeds, index + 1), PositionView()) == expected
    if at_once.first_index < stop:
        assert executor.first_index == at_once.first_index
    else:
        assert executor.first_index >= stop


def grown_digest() -> str:
    """Digest of what grows bar by bar and in chunks; run by the test below in another process too."""
    import hashlib

    digest = hashlib.blake2b(digest_size=16)
    for chunks in ([1] * 90, [30, 1, 7, 50]):
        for name, column in _columns(_grown(CARD, _market(120, 9), chunks, False)).items():
            digest.update(name.encode() + column)
    return digest.hexdigest()


@pytest.mark.slow
def test_without_the_compiler_the_bytes_are_the_same() -> None:
    command = "from tests.ideacards.test_growing_feeds import grown_digest; print(grown_digest())"
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    run = subprocess.run(
        [sys.executable, "-c", command], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == grown_digest()


def live_step_us(bars: int = 400) -> float:
    """Microseconds a live bar takes with twenty features, the median; printed by hand, never asserted."""
    kinds = [a_feature(f"{use}{n}", use, length=n) for n in (14, 20) for use in ("sma", "ema", "rsi", "atr", "highest")]
    kinds += [a_feature(f"{use}{n}", use, length=n) for n in (9, 30) for use in ("sma", "ema", "rsi", "bbands")]
    kinds += [a_feature("m", "macd"), a_feature("slow", "ema", None, "mtf")]
    source = random_bars(2_000 + bars)
    columns = GrowingBars(source.symbol, source.timeframe_ms, source.price_digits)
    feeds = Feeds.build(a_card(*kinds, mtf="5m"), appended(columns, source, 0, 2_000))
    times = []
    for index in range(2_000, 2_000 + bars):
        begun = perf_counter()
        feeds.extend(appended(columns, source, index, index + 1))
        times.append(perf_counter() - begun)
    return float(np.median(times)) * 1e6
