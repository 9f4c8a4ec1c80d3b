"""Slower bars: where buckets lie, what each holds, and the exec bar at which it becomes known."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ideacards.alignment import bucket_origin_ms, forward_fill, newest_closed, slower_bars
from ideacards.feeds import Bars
from tests.ideacards.markets import MINUTE_MS, bars_at, random_bars

DAY_MS = 1_440 * MINUTE_MS


def _told_again(bars: Bars, timeframe_ms: int, origin_ms: int) -> list[tuple[int, int, bool, tuple[float, ...]]]:
    """(open time, closing exec index, partial, columns) bar by bar, as one would say it."""
    members: dict[int, list[int]] = {}
    for i, time in enumerate(bars.ts_open.tolist()):
        members.setdefault((time - origin_ms) // timeframe_ms * timeframe_ms + origin_ms, []).append(i)
    told: list[tuple[int, int, bool, tuple[float, ...]]] = []
    for start, inside in members.items():
        closing = [i for i, close in enumerate(bars.ts_close.tolist()) if close >= start + timeframe_ms]
        if start < bars.ts_open[0] or not closing:
            continue
        volume = 0.0
        for i in inside:
            volume += bars.volume.tolist()[i]
        columns = (
            bars.open.tolist()[inside[0]],
            max(bars.high.tolist()[i] for i in inside),
            min(bars.low.tolist()[i] for i in inside),
            bars.close.tolist()[inside[-1]],
            volume,
        )
        told.append((start, closing[0], len(inside) < timeframe_ms // bars.timeframe_ms, columns))
    return told


def _computed(bars: Bars, timeframe_ms: int, origin_ms: int) -> list[tuple[int, int, bool, tuple[float, ...]]]:
    slower = slower_bars(bars, timeframe_ms, origin_ms)
    names = ("open", "high", "low", "close", "volume")
    columns = zip(*(getattr(slower.bars, name).tolist() for name in names), strict=True)
    ends = zip(slower.bars.ts_open.tolist(), slower.closes_at.tolist(), slower.partial.tolist(), strict=True)
    return [(*end, values) for end, values in zip(ends, columns, strict=True)]


@given(st.data())
def test_vectorised_buckets_equal_the_definition(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 80))
    lost = data.draw(st.sets(st.integers(0, count - 1), max_size=count - 1))
    start = data.draw(st.integers(0, 30)) * MINUTE_MS
    timeframe_ms = data.draw(st.sampled_from([1, 2, 5, 15, 60])) * MINUTE_MS
    origin_ms = data.draw(st.sampled_from([0, 7 * MINUTE_MS]))
    bars = random_bars(count, data.draw(st.integers(0, 5)), start, sorted(lost))
    assert _computed(bars, timeframe_ms, origin_ms) == _told_again(bars, timeframe_ms, origin_ms)


def test_a_slower_bar_closes_with_its_last_exec_bar() -> None:
    slower = slower_bars(random_bars(12), 5 * MINUTE_MS)
    assert slower.bars.ts_open.tolist() == [0, 5 * MINUTE_MS]
    assert slower.closes_at.tolist() == [4, 9]
    assert not slower.partial.any()
    assert slower.bars.timeframe_ms == 5 * MINUTE_MS


def test_a_first_bucket_that_began_before_the_file_is_not_settled() -> None:
    slower = slower_bars(random_bars(12, start_ms=2 * MINUTE_MS), 5 * MINUTE_MS)
    assert slower.bars.ts_open.tolist() == [5 * MINUTE_MS]
    assert slower.closes_at.tolist() == [7]


def test_the_last_unfinished_bucket_is_not_settled() -> None:
    assert slower_bars(random_bars(9), 5 * MINUTE_MS).closes_at.tolist() == [4]
    assert slower_bars(random_bars(4), 5 * MINUTE_MS).closes_at.tolist() == []


def test_a_bucket_that_lost_its_end_closes_at_the_next_exec_bar_and_is_partial() -> None:
    bars = random_bars(12, lost=[3, 4])
    slower = slower_bars(bars, 5 * MINUTE_MS)
    assert slower.closes_at.tolist() == [3, 7]  # the bar of minute 5; the bar of minute 9
    assert slower.partial.tolist() == [True, False]
    assert slower.bars.close[0] == bars.close[2]


def test_two_that_close_at_one_exec_bar_settle_in_order_and_the_newest_is_the_value() -> None:
    bars = random_bars(15, lost=[4, 5, 6, 7, 8])  # minutes 0-3, then 9: it ends the second bucket and closes both
    slower = slower_bars(bars, 5 * MINUTE_MS)
    assert slower.closes_at.tolist() == [4, 4, 9]
    assert slower.partial.tolist() == [True, True, False]
    newest = newest_closed(slower.closes_at, len(bars))
    assert newest.tolist() == [-1, -1, -1, -1, 1, 1, 1, 1, 1, 2]
    filled = forward_fill(slower.bars.close, newest)
    assert filled[4] == slower.bars.close[1] == bars.close[4]


def test_an_empty_bucket_makes_no_bar() -> None:
    slower = slower_bars(random_bars(20, lost=range(5, 15)), 5 * MINUTE_MS)
    assert slower.bars.ts_open.tolist() == [0, 15 * MINUTE_MS]


def test_weeks_begin_on_monday_and_seven_days_at_the_epoch() -> None:
    thursday = int(datetime(2024, 2, 1, tzinfo=UTC).timestamp()) * 1000
    bars = bars_at(thursday + DAY_MS * np.arange(30), timeframe_ms=DAY_MS)
    weeks = slower_bars(bars, 7 * DAY_MS, bucket_origin_ms("1w"))
    days = {datetime.fromtimestamp(ms / 1000, tz=UTC).strftime("%a %d") for ms in weeks.bars.ts_open.tolist()}
    assert days == {"Mon 05", "Mon 12", "Mon 19"}
    seven = slower_bars(bars, 7 * DAY_MS, bucket_origin_ms("7d"))
    assert all(time % (7 * DAY_MS) == 0 for time in seven.bars.ts_open.tolist())


def test_fixed_point_prices_go_along() -> None:
    bars = random_bars(10)
    slower = slower_bars(bars, 5 * MINUTE_MS).bars
    assert slower.price_high.tolist() == [int(bars.price_high[:5].max()), int(bars.price_high[5:].max())]
    assert (slower.price_low / 100.0).tolist() == slower.low.tolist()
    assert slower.price_digits == bars.price_digits


def test_volume_is_summed_oldest_to_newest() -> None:
    bars = random_bars(60)
    total = 0.0
    for volume in bars.volume.tolist():
        total += volume
    assert slower_bars(bars, 60 * MINUTE_MS).bars.volume.tolist() == [total]
    assert total != float(np.add.reduceat(bars.volume, [0])[0])  # the order matters: numpy's own sum differs here


def test_a_timeframe_that_is_no_multiple_is_refused() -> None:
    with pytest.raises(ValueError, match="no multiple"):
        slower_bars(random_bars(5), 90_000)
