"""Bars that come with their values: appended once, in order, whatever the socket leaves out, repeats or makes up."""

import msgspec
import numpy as np
import pytest

from actors.marketdata.messages import BarRefused
from actors.model.backend import Candle
from actors.model.fixed import Price, Qty
from ideacards.feeds import GrowingBars, data_digest
from runtime.spec import SECOND_NS
from tests.actors.builders import MINUTE_MS, a_market
from tests.actors.marketdata.valued import BARS, BTC, CANDLES, Valued, page


def test_history_and_frames_make_the_columns_that_a_file_makes() -> None:
    feed = Valued(known=4)
    feed.close(*range(4, len(BARS)))
    grown = feed.columns.newest()
    assert data_digest(grown) == data_digest(BARS)
    for name in ("open", "high", "low", "close", "ts_open", "ts_close"):
        assert np.array_equal(getattr(grown, name), getattr(BARS, name))
    assert feed.ranges == [(at, at + 1) for at in range(4, len(BARS))]
    assert len(feed.questions) == 1


def test_a_bar_that_comes_twice_is_told_once() -> None:
    feed = Valued()
    feed.close(3, 3, 4, 3, 0, 4)
    assert feed.ranges == [(3, 4), (4, 5)]
    assert feed.refused == []


def test_bars_out_of_order_are_put_in_order_by_the_history() -> None:
    feed = Valued()
    feed.close(4)
    assert feed.ranges == [], "nothing is told over a hole"
    assert feed.questions[-1][1] == 3
    feed.close(3)
    assert feed.ranges == [(3, 4)]
    feed.answer(CANDLES[3:5])
    assert feed.ranges == [(3, 4), (4, 5)]
    feed.close(5)
    assert feed.ranges[-1] == (5, 6)


def test_a_gap_is_filled_from_the_history_and_told_as_one_range() -> None:
    feed = Valued()
    feed.close(6, 7)
    assert len(feed.questions) == 2, "one question at a time"
    feed.answer(CANDLES[3:8])
    assert feed.ranges == [(3, 8)]
    assert data_digest(feed.columns.newest()) == data_digest(BARS.head(8))


def test_a_history_behind_the_stream_is_asked_again_after_a_second_and_not_for_ever() -> None:
    feed = Valued()
    feed.close(5)
    feed.answer(CANDLES[3:5])
    assert feed.ranges == [(3, 5)]
    feed.wait(SECOND_NS - 1)
    assert len(feed.questions) == 2
    feed.wait(1)
    assert feed.questions[-1][1] == 5
    feed.answer(CANDLES[5:6])
    assert feed.ranges == [(3, 5), (5, 6)]
    feed.close(7)
    for asked in range(4, 9):
        assert len(feed.questions) == asked
        feed.answer(())
        feed.wait(SECOND_NS)
    feed.answer(())
    feed.wait(60 * SECOND_NS)
    assert len(feed.questions) == 9
    assert feed.harness.incarnation == 1
    feed.close(8)
    assert len(feed.questions) == 10, "the next frame asks again"


def test_pages_of_history_are_followed_and_the_feed_is_up_after_the_last() -> None:
    feed = Valued(starts=False)
    feed.answer(CANDLES[:2], has_more=True)
    assert [feed.harness.is_started, feed.questions[-1][1]] == [False, 2]
    feed.answer(CANDLES[2:4], has_more=True)
    feed.answer(CANDLES[4:5])
    assert feed.harness.is_started
    assert len(feed.columns) == 5


def test_a_page_that_says_there_is_more_and_brings_nothing_ends_the_reading() -> None:
    feed = Valued(starts=False)
    feed.answer(CANDLES[:2], has_more=True)
    feed.answer(CANDLES[:2], has_more=True)
    assert feed.harness.is_started
    assert len(feed.questions) == 2


def test_where_the_history_skips_a_time_the_venue_had_no_bar() -> None:
    feed = Valued()
    feed.close(6)
    feed.answer((*CANDLES[3:4], *CANDLES[5:7]))
    assert feed.ranges == [(3, 6)]
    assert feed.columns.newest().ts_open.tolist() == [MINUTE_MS * at for at in (0, 1, 2, 3, 5, 6)]


def test_a_frame_before_the_first_history_waits_for_it() -> None:
    feed = Valued(starts=False)
    feed.close(3)
    assert len(feed.columns) == 0
    assert len(feed.questions) == 1
    feed.answer(CANDLES[:4])
    assert len(feed.columns) == 4


BAD = {
    "off grid": (msgspec.structs.replace(CANDLES[3], ts_open=CANDLES[3].ts_open + 1), "it does not open on the grid"),
    "no price": (msgspec.structs.replace(CANDLES[3], low=Price(0)), "its low is 0"),
    "close above high": (msgspec.structs.replace(CANDLES[3], close=Price(99_999)), "do not lie between"),
    "open below low": (msgspec.structs.replace(CANDLES[3], open=Price(1)), "do not lie between"),
    "high below low": (msgspec.structs.replace(CANDLES[3], high=Price(5)), "do not lie between"),
    "negative volume": (msgspec.structs.replace(CANDLES[3], volume=Qty(-1)), "its volume is -1"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bar_that_no_venue_can_have_meant_is_refused_by_name_and_asked_for(name: str) -> None:
    bad, why = BAD[name]
    feed = Valued()
    feed.frame(page((bad,)))
    assert feed.ranges == []
    assert len(feed.refused) == 1
    assert why in feed.refused[0]
    assert feed.questions[-1][1] == 3
    feed.answer(CANDLES[3:4])
    assert feed.ranges == [(3, 4)]
    assert feed.harness.incarnation == 1


def test_a_bad_bar_in_the_history_stops_there_and_what_stood_before_it_counts() -> None:
    feed = Valued()
    feed.close(6)
    feed.answer((CANDLES[3], msgspec.structs.replace(CANDLES[4], low=Price(-1)), *CANDLES[5:7]))
    assert feed.ranges == [(3, 4)]
    assert feed.refused == ["its low is -1"]
    feed.wait(SECOND_NS)
    feed.answer(CANDLES[4:7])
    assert feed.ranges == [(3, 4), (4, 7)]


def other(candle: Candle) -> Candle:
    return msgspec.structs.replace(candle, open=Price(candle.open + 1))


def test_a_known_bar_with_other_prices_is_refused_and_what_was_told_stays() -> None:
    feed = Valued()
    feed.close(3)
    feed.frame(page((other(CANDLES[3]),)))
    assert feed.refused == ["it came before, with other prices"]
    assert feed.ranges == [(3, 4)]
    assert feed.columns.newest().price_open[3] == CANDLES[3].open
    assert len(feed.questions) == 1, "nothing is missing"


def test_a_late_bar_that_the_history_did_not_have_is_refused() -> None:
    feed = Valued()
    feed.close(5)
    feed.answer((CANDLES[3], CANDLES[5]))
    feed.close(4)
    assert feed.refused == ["it lies before a bar that is known, and was not told then"]


def test_a_symbol_that_nobody_reads_and_another_timeframe_are_refused_and_no_crash() -> None:
    feed = Valued()
    feed.frame(page(CANDLES[3:4], symbol="DOGEUSDT"))
    feed.frame(page(CANDLES[3:4], timeframe_ms=5 * MINUTE_MS))
    assert feed.refused == ["nobody here reads this symbol", f"bars of {5 * MINUTE_MS} ms"]
    stream = [record.message for record in feed.harness.kernel.recorder.stream]
    symbols = [message.symbol for message in stream if isinstance(message, BarRefused)]
    assert symbols == ["DOGEUSDT", BTC]
    assert feed.ranges == []
    feed.close(3)
    assert feed.ranges == [(3, 4)]


def test_a_later_life_goes_on_from_the_columns_that_an_earlier_one_filled() -> None:
    first = Valued()
    first.close(3, 4)
    feed = Valued(columns=first.columns, starts=False)
    assert feed.questions == [(feed.questions[0][0], 5)]
    feed.answer(CANDLES[4:6])
    assert feed.harness.is_started
    feed.subscribe()
    feed.close(6)
    assert feed.ranges == [(6, 7)]
    assert data_digest(feed.columns.newest()) == data_digest(BARS.head(7))


def test_bars_that_were_shown_never_change_when_the_columns_grow() -> None:
    columns = GrowingBars(BTC, MINUTE_MS, 2, capacity=1)
    shown = []
    for at in range(9):
        columns.append(at * MINUTE_MS, (100 + at, 103 + at, 99 + at, 101 + at), 1.5)
        shown.append(columns.newest())
    for count, bars in enumerate(shown, start=1):
        assert len(bars) == count
        assert bars.price_close.tolist() == [101 + at for at in range(count)]
        assert not bars.price_close.flags.writeable
    assert columns.newest() is shown[-1]


@pytest.mark.parametrize("ts_open", [0, 59_999, -60_000])
def test_columns_take_no_bar_that_does_not_follow(ts_open: int) -> None:
    columns = GrowingBars(BTC, MINUTE_MS, 2)
    columns.append(0, (1, 1, 1, 1), 0.0)
    with pytest.raises(ValueError, match="does not follow"):
        columns.append(ts_open, (1, 1, 1, 1), 0.0)
    with pytest.raises(ValueError, match="2\\^53"):
        columns.append(MINUTE_MS, (1, 2**53 + 1, 1, 1), 0.0)
    assert len(columns) == 1


def test_a_bar_file_is_its_own_newest() -> None:
    bars = a_market([(1.0, 1.0, 1.0, 1.0)])
    assert bars.newest() is bars
