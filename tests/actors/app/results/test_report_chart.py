"""What the chart draws: each candle covers its bars, and each marker is on the candle of its fill."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np
import pytest

from actors.app.results.report.chart import MAX_CANDLES, buckets_of, chart_data
from actors.app.results.report.legs import MARKERS
from actors.app.results.report.trades import trade_data
from actors.app.results.tape import FillRow
from tests.actors.app.results.tapes import FIRST_MS, MINUTE_MS, a_fill, a_result, a_tape, some_bars


def zigzag(count: int) -> list[str]:
    return [f"{1000 + bar * 7 % 113}.{bar % 10}" for bar in range(count)]


def markers_of(data: dict[str, Any]) -> list[tuple[int, str, int]]:
    flat: Sequence[int] = data["markers"]
    return [(flat[i], MARKERS[flat[i + 1]], flat[i + 2]) for i in range(0, len(flat), 3)]


def times_of(data: dict[str, Any]) -> list[int]:
    return list(accumulate(data["time"]))


def test_few_bars_are_drawn_as_they_are() -> None:
    bars = some_bars(zigzag(100), missing_after=(10, 50))
    data = chart_data(a_result(a_tape(bars, start=5, stop=95)))
    assert times_of(data) == (bars.ts_open[5:95] // 1000).tolist()
    for name in ("open", "high", "low", "close"):
        assert data[name] == getattr(bars, name)[5:95].tolist()
    assert data["bucket_ms"] == data["exec_ms"] == MINUTE_MS


def test_many_bars_become_candles_of_a_natural_length() -> None:
    bars = some_bars(zigzag(50_000), missing_after=(777, 777, 40_000))
    data = chart_data(a_result(a_tape(bars)))
    assert data["bucket_ms"] == 3 * MINUTE_MS
    times = times_of(data)
    assert len(times) <= MAX_CANDLES
    assert all(time % 180 == 0 for time in times)
    assert times == sorted(set(times))
    for candle in (0, 259, len(times) // 2, len(times) - 1):
        begin = times[candle] * 1000
        inside = np.flatnonzero((bars.ts_open >= begin) & (bars.ts_open < begin + data["bucket_ms"]))
        assert data["open"][candle] == bars.open[inside[0]]
        assert data["close"][candle] == bars.close[inside[-1]]
        assert data["high"][candle] == bars.high[inside].max()
        assert data["low"][candle] == bars.low[inside].min()


@pytest.mark.parametrize("count", [300, 50_000])
def test_a_marker_sits_on_the_candle_that_holds_its_fill(count: int) -> None:
    bars = some_bars(zigzag(count), missing_after=(17, 90))
    places = [3, 19, 20, 91, 92, 200, count - 2, count - 1]
    fills = [a_fill(bars, bar, "1" if i % 2 == 0 else "-1", "1000") for i, bar in enumerate(places)]
    data = chart_data(a_result(a_tape(bars, fills)))
    times = times_of(data)
    drawn = [times[bucket] * 1000 for bucket, _, count in markers_of(data) for _ in range(count)]
    assert len(drawn) == len(places)
    for begin, bar in zip(drawn, places, strict=True):
        assert begin <= int(bars.ts_open[bar]) < begin + data["bucket_ms"]


def test_a_reported_range_moves_its_markers_with_it() -> None:
    bars = some_bars(zigzag(60))
    tape = a_tape(bars, [a_fill(bars, 25, "1", "1000"), a_fill(bars, 30, "-1", "1000")], start=20, stop=50)
    assert markers_of(chart_data(a_result(tape))) == [(5, "long entry", 1), (10, "long exit", 1)]
    columns = trade_data(a_result(tape))["columns"]
    assert (columns["entry_bucket"], columns["exit_bucket"]) == ([5], [10])


def test_markers_say_what_a_fill_did() -> None:
    bars = some_bars(zigzag(20))

    def fill(bar: int, qty: str, origin: str = "user") -> FillRow:
        return a_fill(bars, bar, qty, "1000", origin=origin)

    fills = [
        fill(1, "1"),
        fill(2, "1"),  # adds
        fill(3, "-0.5"),  # in part
        fill(4, "-3"),  # through zero
        fill(5, "1.5", "stop_loss"),
        fill(6, "2"),
        fill(6, "-2", "take_profit"),
        fill(7, "-1"),
        fill(7, "-1"),
    ]
    assert markers_of(chart_data(a_result(a_tape(bars, fills)))) == [
        (1, "long entry", 1),
        (2, "long entry", 1),
        (3, "long exit", 1),
        (4, "short entry", 1),
        (4, "long exit", 1),
        (5, "short stop", 1),
        (6, "long entry", 1),
        (6, "long target", 1),
        (7, "short entry", 2),
    ]


def test_the_deepest_drawdown_survives_aggregation() -> None:
    closes = ["1000"] * 45_000
    closes[30_001] = "900"
    bars = some_bars(closes)
    result = a_result(a_tape(bars, [a_fill(bars, 1, "1", "1000")]))
    data = chart_data(result)
    assert min(data["drawdown"]) == pytest.approx(-100 * float(result.object["max_drawdown"]), abs=1e-6)
    assert data["equity"][-1] == pytest.approx(float(result.object["final_equity"]), abs=0.01)


@pytest.mark.parametrize("timeframe_ms", [1000, 7 * MINUTE_MS, 86_400_000])
@pytest.mark.parametrize("limit", [1, 7, 1000])
def test_buckets_never_exceed_their_limit(timeframe_ms: int, limit: int) -> None:
    opens = FIRST_MS // timeframe_ms * timeframe_ms + timeframe_ms * np.arange(5000)
    buckets = buckets_of(opens, timeframe_ms, limit + 1)
    assert 1 <= len(buckets.first) <= limit + 1
    assert buckets.length_ms % timeframe_ms == 0
    assert (buckets.of_bar[buckets.first] == np.arange(len(buckets.first))).all()
    assert (
        (buckets.open_ms[buckets.of_bar] <= opens) & (opens < buckets.open_ms[buckets.of_bar] + buckets.length_ms)
    ).all()


def test_trades_beyond_the_limit_are_counted() -> None:
    bars = some_bars(zigzag(40))
    fills = [a_fill(bars, bar, "1" if bar % 2 == 0 else "-1", "1000") for bar in range(40)]
    data = trade_data(a_result(a_tape(bars, fills)), limit=5)
    assert data["total"] == 20
    assert {len(column) for column in data["columns"].values()} == {5}


def test_buy_and_hold_and_the_moving_sharpe_ratio_are_drawn_beside_the_run() -> None:
    day_ms, days = 86_400_000, 120
    closes = [str(100 + (number * 7) % 13) for number in range(days)]
    bars = some_bars(closes, step_ms=day_ms)
    drawn = chart_data(a_result(a_tape(bars, [a_fill(bars, 0, "1", "100", fee=0)])))
    assert drawn["benchmark"] == [round(10_000 * float(close) / 100, 2) for close in closes]
    rolling = drawn["rolling"]
    assert len(rolling) == days
    assert rolling[:89] == [None] * 89
    assert all(value is not None for value in rolling[89:])
    assert chart_data(a_result(a_tape(some_bars(["100", "101"], step_ms=day_ms))))["rolling"] == []
