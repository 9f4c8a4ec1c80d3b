"""The first ready bar, worked out by hand from lengths, lags and the closes of slower bars."""

from pathlib import Path

import numpy as np
import pytest

from ideacards.blocks import StrategyBlocksExecutor
from ideacards.card import Card
from ideacards.cards import shipped_cards
from ideacards.feeds import Feeds
from ideacards.loader import load_card
from ideacards.readiness import bars_to_be_ready, readiness_of, shortages
from tests.ideacards.builders import MINUTE_MS, a_card, bars_of


def a_card_of(features: str, when: str, timeframes: str = "{exec: 1m}", emit: str = "{action: exit}") -> Card:
    lines = "".join(f"\n  {line}" for line in features.split("; "))
    block = f"blocks:\n- id: e\n  cases:\n  - when: {when}\n    emit: {emit}"
    return a_card(
        features=f"features:{lines}" if features else "", timeframes=f"timeframes: {timeframes}", blocks=block
    )


def ready(card: Card, bars: int = 100, start_ms: int = 0) -> int:
    return readiness_of(card, Feeds.build(card, bars_of(list(range(100, 100 + bars)), start_ms)))


EXEC = [
    ("", "close > 1", 0),
    ("", "crosses_above(close, 1)", 1),
    ("", "close[7] > 1", 7),
    ("x: {use: sma, length: 5}", "x > 1", 4),
    ("x: {use: ema, length: 5}", "x > 1", 4),
    ("x: {use: highest, length: 5}", "x > 1", 4),
    ("x: {use: lowest, length: 5}", "x > 1", 4),
    ("x: {use: bbands, length: 5}", "x.lower > 1", 4),
    ("x: {use: rsi, length: 5}", "x > 1", 5),
    ("x: {use: atr, length: 5}", "x > 1", 5),
    ("x: {use: macd, fast: 3, slow: 8, signal: 4}", "x.line > 1", 7),
    ("x: {use: macd, fast: 3, slow: 8, signal: 4}", "x.signal > 1", 10),
    ("x: {use: macd, fast: 3, slow: 8, signal: 4}", "close > 1", 10),  # nothing of it is read: all of it counts
    ("x: {use: sma, length: 5}", "x[3] > 1", 7),
    ("x: {use: sma, length: 5}", "crosses_above(x, 1)", 5),
    ("x: {use: sma, length: 5}", "crosses_above(1, x[3])", 8),
    ("x: {use: sma, length: 5}; y: {use: sma, length: 9}", "x[3] > y", 8),
    ("x: {use: sma, length: 5}; y: {use: sma, length: 9}", "crosses_below(x[3], y) or x[5] > 1", 9),
    ("x: {use: sma, length: 5}; y: {use: rsi, of: x, length: 3}", "y > 1", 7),
    ("y: {use: rsi, of: x.signal, length: 3}; x: {use: macd, fast: 3, slow: 8, signal: 4}", "y > 1", 13),
]


@pytest.mark.parametrize(("features", "when", "index"), EXEC)
def test_on_exec_bars_it_follows_from_lengths_and_lags(features: str, when: str, index: int) -> None:
    assert ready(a_card_of(features, when)) == index


@pytest.mark.parametrize(
    ("when", "index"),
    # The file opens at minute 3: the bucket [0, 5) had begun before and never settles; [5, 10) closes with bar 6,
    # the bar that opens at minute 9, [10, 15) with bar 11.
    [("x > 1", 11), ("crosses_above(x, 1)", 12), ("x[2] > 1", 13), ("crosses_above(x[2], close)", 14)],
)
def test_a_slower_feature_is_ready_at_the_exec_bar_that_closes_its_bar(when: str, index: int) -> None:
    card = a_card_of("x: {use: sma, length: 2, timeframe: htf}", when, "{exec: 1m, htf: 5m}")
    assert ready(card, start_ms=3 * MINUTE_MS) == index
    # opening on the bucket, two whole buckets take ten bars
    assert ready(card, start_ms=5 * MINUTE_MS) == index - 2


def test_a_price_reference_must_be_warm_too() -> None:
    limit = "{action: exit, order: {type: limit, price: {ref: x.signal}}}"
    card = a_card_of("x: {use: macd, fast: 3, slow: 8, signal: 4}", "x.line > 1", emit=limit)
    assert ready(card) == 10


def test_bars_too_few_are_named_with_the_feature_s_place() -> None:
    card = a_card_of(
        "x: {use: sma, length: 9}; y: {use: sma, length: 3, timeframe: htf}", "x > y", "{exec: 1m, htf: 5m}"
    )
    feeds = Feeds.build(card, bars_of([1] * 8))
    assert [problem.text() for problem in shortages(card, feeds)] == [
        "probe.yaml:6:6: features.x: `x` needs 9 bars of 1m, and there are 8; give more bars or a shorter length",
        "probe.yaml:7:6: features.y: `y` needs 3 bars of 5m, and there are 1; give more bars or a shorter length",
    ]
    assert readiness_of(card, feeds) >= 8
    enough = Feeds.build(card, bars_of([1] * 15))
    assert shortages(card, enough) == ()
    assert readiness_of(card, enough) == 14


def test_bars_of_a_timeframe_with_a_name_of_its_own_are_counted_too() -> None:
    card = a_card_of("x: {use: sma, length: 4, timeframe: calm}", "x > 1", "{exec: 1m, calm: 30m}")
    assert bars_to_be_ready(card) == 150


# Ready cards that wait for a bar or a structure; a newly found pair of equal lows has no sweep yet.
WAITS = {"london_breakout": 2000, "zone_pullback": 2000, "liquidity_sweep": 3000}
LAST_READ_BY_AN_EMIT = {"volatility_target": "day_move"}  # cards whose last feature to be known sizes an order


@pytest.mark.parametrize("path", shipped_cards(), ids=lambda path: path.stem)
def test_at_the_first_ready_bar_everything_is_known_and_one_bar_before_it_is_not(path: Path) -> None:
    card = load_card(path, ["warmup=0"])
    closes = [1000 + (index * 7919) % 101 for index in range(3000)]
    bars = bars_of(closes, bar_ms=card.timeframes.exec.ms)
    feeds = Feeds.build(card, bars, dict.fromkeys(card.leaders, bars))
    executor = StrategyBlocksExecutor(card, feeds)
    first = executor.first_index
    assert 0 < first < 3000
    assert executor.unknown_clauses(WAITS.get(path.stem, 0), 3000) == 0
    executor.first_index = 0
    if path.stem in LAST_READ_BY_AN_EMIT:  # no condition reads it, so no clause is unknown for it
        assert np.isnan(feeds.column(LAST_READ_BY_AN_EMIT[path.stem])[first - 1])
    else:
        assert executor.unknown_clauses(first - 1, first) > 0
