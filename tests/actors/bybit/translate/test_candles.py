"""Candles of the stream: only what has closed, in order, on the grids."""

import json
from typing import Any

import pytest

from actors.bybit.translate.candles import INTERVALS_MS, interval_of, read_candle, read_kline_frame
from actors.bybit.wire.base import WireError, decode
from actors.bybit.wire.streams import KlineFrame
from actors.bybit.wire.values import WireInterval
from actors.model.backend import Candle, ClosedBars
from actors.model.fixed import Price, Qty
from tests.actors.builders import an_instrument
from tests.actors.bybit.samples import SAMPLES

LINEAR = an_instrument()
FRAME = SAMPLES["kline frame"]
OPEN_MS = 1_764_402_000_000


def a_frame(*rows: dict[str, Any], topic: str = "kline.1.BTCUSDT") -> ClosedBars:
    frame = FRAME | {"topic": topic, "data": [FRAME["data"][0] | row for row in rows]}
    return read_kline_frame(decode(json.dumps(frame), KlineFrame), LINEAR)


def test_a_confirmed_candle_is_a_closed_bar() -> None:
    candle = Candle(OPEN_MS, Price(6_124_000), Price(6_125_050), Price(6_123_990), Price(6_124_400), Qty(12_345))
    assert a_frame({}) == ClosedBars("BTCUSDT", 60_000, OPEN_MS, OPEN_MS + 60_000, candles=(candle,))


def test_an_open_candle_is_nothing_yet() -> None:
    assert a_frame({"confirm": False}).candles == ()


def test_a_frame_may_hold_the_closing_candle_and_the_new_one_in_any_order() -> None:
    new, last = {"start": OPEN_MS + 60_000, "confirm": False}, {"start": OPEN_MS}
    assert [candle.ts_open for candle in a_frame(new, last).candles] == [OPEN_MS]
    two = a_frame({"start": OPEN_MS + 60_000}, last)
    assert [candle.ts_open for candle in two.candles] == [OPEN_MS, OPEN_MS + 60_000]
    assert two.ts_close == OPEN_MS + 120_000


@pytest.mark.parametrize("topic", ["tickers.BTCUSDT", "kline.M.BTCUSDT"])
def test_another_topic_is_an_error(topic: str) -> None:
    with pytest.raises(WireError):
        a_frame({}, topic=topic)


@pytest.mark.parametrize("at", [1, 2, 3, 4, 5])
def test_a_candle_without_a_value_is_an_error(at: int) -> None:
    row = ["0", "100", "101", "99", "100", "1", "100"]
    row[at] = ""
    with pytest.raises(WireError):
        read_candle(tuple(row), LINEAR)


def test_lengths_are_those_of_the_venue() -> None:
    assert set(INTERVALS_MS) | {WireInterval.MONTH} == set(WireInterval)
    assert (interval_of(14_400_000), interval_of(86_400_000), interval_of(60_000)) == ("240", "D", "1")
