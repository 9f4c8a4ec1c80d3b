"""Questions: exact queries, pages and windows, the history behind the cache, and errors by the reply's class."""

from typing import Any

import pytest

from actors.bybit.conversations.queries import CANDLES_A_PAGE, WINDOW_MS
from actors.bybit.translate.results import RestReply
from actors.bybit.wire.base import WireError
from actors.model.backend import (
    EquityQuery,
    ExecutionsQuery,
    HistoryQuery,
    OpenOrdersQuery,
    OrderFound,
    OrderQuery,
    PositionQuery,
    ServerTimeQuery,
)
from actors.model.errors import (
    AuthenticationError,
    ClockSkewError,
    NetworkError,
    OrderRejectedError,
    RateLimitError,
)
from actors.model.maintenance import MaintenancePlanned, MaintenanceQuery
from tests.actors.bybit.conversations.talking import TIME_MS, an_answer, talk
from tests.actors.bybit.samples import SAMPLES

ORDER = SAMPLES["order/realtime result"]["list"][0]
TRADE = SAMPLES["execution/list result"]["list"][0]
POSITION = SAMPLES["position/list result"]["list"][0]
WALLET = SAMPLES["account/wallet-balance result"]["list"][0]


def a_page(*rows: dict[str, Any], cursor: str = "", time: int = TIME_MS) -> RestReply:
    """Rows as the venue gives them, the newest first."""
    return an_answer({"list": list(rows), "nextPageCursor": cursor, "category": "linear"}, time=time)


def test_open_orders_come_a_page_at_a_time_with_the_venues_time() -> None:
    newer, older = ORDER | {"orderLinkId": "newer"}, ORDER | {"orderLinkId": "older"}
    done = talk(OpenOrdersQuery("BTCUSDT"), a_page(newer, older, cursor="p%3A2"))
    assert done.asked == [("order/realtime", "category=linear&symbol=BTCUSDT&openOnly=0&limit=50")]
    assert [order.link_id for order in done.answer.orders] == ["older", "newer"]
    assert (done.answer.time_ms, done.answer.cursor) == (TIME_MS, "p%3A2")
    done = talk(OpenOrdersQuery("BTCUSDT", "p%3A2"), a_page(cursor="p%3A2"))
    assert done.asked[0][1].endswith("&limit=50&cursor=p%3A2")
    assert done.answer.cursor == ""  # a page without rows is the last, whatever its cursor


@pytest.mark.parametrize("kind", ["StopLoss", "TakeProfit", "TrailingStop", "PartialStopLoss", "PartialTakeProfit"])
def test_levels_of_the_position_are_not_among_the_open_orders(kind: str) -> None:
    level = ORDER | {"orderLinkId": "", "stopOrderType": kind}
    plain = ORDER | {"orderLinkId": "mine", "stopOrderType": "Stop"}
    done = talk(OpenOrdersQuery("BTCUSDT"), a_page(level, plain))
    assert [order.link_id for order in done.answer.orders] == ["mine"]


def test_an_order_is_looked_for_in_the_history_when_the_cache_does_not_know_it() -> None:
    done = talk(OrderQuery("BTCUSDT", "a"), a_page(), a_page(ORDER | {"orderLinkId": "a"}))
    query = "category=linear&symbol=BTCUSDT&orderLinkId=a"
    assert done.asked == [("order/realtime", query), ("order/history", query)]
    assert done.answer.order.link_id == "a"


def test_an_order_that_is_open_takes_one_question() -> None:
    done = talk(OrderQuery("BTCUSDT", "a"), a_page(ORDER | {"orderLinkId": "a"}))
    assert done.answer.order.order_id == ORDER["orderId"]


def test_an_order_that_is_nowhere_is_not_found() -> None:
    assert talk(OrderQuery("BTCUSDT", "a"), a_page(), a_page()).answer == OrderFound(None)
    other = ORDER | {"orderLinkId": "A"}
    assert talk(OrderQuery("BTCUSDT", "a"), a_page(other)).answer == OrderFound(None)


def test_executions_come_oldest_first_within_a_page() -> None:
    done = talk(ExecutionsQuery("BTCUSDT"), a_page(TRADE | {"execId": "2"}, TRADE | {"execId": "1"}))
    assert done.asked == [("execution/list", "category=linear&symbol=BTCUSDT&limit=100")]
    assert [fill.exec_id for fill in done.answer.fills] == ["1", "2"]
    assert (done.answer.time_ms, done.answer.cursor) == (TIME_MS, "")


def test_executions_are_asked_for_a_week_at_a_time() -> None:
    since = TIME_MS - 2 * WINDOW_MS + 1
    first = talk(ExecutionsQuery("BTCUSDT", since), a_page(TRADE, cursor="c%3D1"))
    window = f"startTime={since}&endTime={since + WINDOW_MS - 1}"
    assert first.asked == [("execution/list", f"category=linear&symbol=BTCUSDT&{window}&limit=100")]
    second = talk(ExecutionsQuery("BTCUSDT", since, first.answer.cursor), a_page(TRADE))
    assert second.asked == [("execution/list", f"category=linear&symbol=BTCUSDT&{window}&limit=100&cursor=c%3D1")]
    third = talk(ExecutionsQuery("BTCUSDT", since, second.answer.cursor), a_page())
    later = f"startTime={since + WINDOW_MS}&endTime={since + 2 * WINDOW_MS - 1}"
    assert third.asked == [("execution/list", f"category=linear&symbol=BTCUSDT&{later}&limit=100")]
    assert third.answer.cursor == ""


def test_a_window_that_reaches_now_is_the_last() -> None:
    assert talk(ExecutionsQuery("BTCUSDT", TIME_MS - WINDOW_MS + 1), a_page()).answer.cursor == ""
    next_one = talk(ExecutionsQuery("BTCUSDT", TIME_MS - WINDOW_MS), a_page()).answer.cursor
    assert next_one == f"{TIME_MS}:"


def test_a_position_is_told_with_the_levels_of_its_parts() -> None:
    part = ORDER | {"orderLinkId": "", "stopOrderType": "PartialStopLoss", "orderStatus": "Untriggered"}
    whole = part | {"stopOrderType": "StopLoss"}
    done = talk(PositionQuery("BTCUSDT"), a_page(POSITION), a_page(part, whole))
    assert done.asked == [
        ("position/list", "category=linear&symbol=BTCUSDT"),
        ("order/realtime", "category=linear&symbol=BTCUSDT&openOnly=0&orderFilter=StopOrder&limit=50"),
    ]
    assert (done.answer.position.qty, done.answer.time_ms, len(done.answer.parts)) == (5, TIME_MS, 1)


@pytest.mark.parametrize(
    ("rows", "index"),
    [
        ([POSITION | {"positionIdx": 1, "size": "0"}, POSITION | {"positionIdx": 2}], 2),
        ([POSITION | {"positionIdx": 1}, POSITION | {"positionIdx": 2, "size": "0"}], 1),
        ([POSITION | {"positionIdx": 1, "size": "0"}, POSITION], 0),
    ],
)
def test_the_row_of_a_position_is_known_by_its_index(rows: list[dict[str, Any]], index: int) -> None:
    answer = talk(PositionQuery("BTCUSDT"), a_page(*rows), a_page()).answer
    assert (answer.position_idx, answer.position.qty) == (index, 5)


def test_a_symbol_has_a_row_even_when_flat() -> None:
    with pytest.raises(WireError, match="no position row"):
        talk(PositionQuery("BTCUSDT"), a_page())


def test_spot_has_no_positions() -> None:
    with pytest.raises(WireError, match="spot"):
        talk(PositionQuery("ETHUSDT"))


def test_balances_are_asked_for_in_the_coin_of_settlement() -> None:
    done = talk(EquityQuery("BTCUSDT"), an_answer({"list": [WALLET]}))
    assert done.asked == [("account/wallet-balance", "accountType=UNIFIED&coin=USDT")]
    assert (done.answer.wallet, done.answer.time_ms) == (10_005 * 10**9, TIME_MS)
    with pytest.raises(WireError, match="0 wallets"):
        talk(EquityQuery("BTCUSDT"), an_answer({"list": []}))


def test_the_clock_is_read_from_the_result() -> None:
    done = talk(ServerTimeQuery(), an_answer({"timeSecond": "1764402000", "timeNano": "1764402000123999999"}))
    assert done.asked == [("market/time", "")]
    assert done.answer.time_ms == 1_764_402_000_123


def test_plans_that_concern_the_account_are_listed() -> None:
    row = {"id": "m1", "state": "scheduled", "begin": "1700000000000", "end": "1700000060000", "product": [1]}
    rows = [row, {**row, "id": "m2", "product": [3]}, {**row, "id": "m3", "state": "completed"}]
    done = talk(MaintenanceQuery(), an_answer({"list": rows}))
    assert done.asked == [("system/status", "")]
    assert done.answer.plans == (MaintenancePlanned("m1", 1_700_000_000_000, 1_700_000_060_000),)


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (None, NetworkError),
        (RestReply(503, b""), NetworkError),
        (RestReply(200, b"<html>"), NetworkError),
        (an_answer({}, 10016), NetworkError),
        (an_answer({}, 987654), NetworkError),
        (an_answer({}, 10006), RateLimitError),
        (RestReply(429, b""), RateLimitError),
        (RestReply(403, b"access too frequent"), RateLimitError),
        (an_answer({}, 10002), ClockSkewError),
        (an_answer({}, 10003, "API key is invalid."), AuthenticationError),
        (an_answer({}, 10001), OrderRejectedError),
    ],
)
def test_a_question_without_an_answer_raises_what_the_reply_means(reply: RestReply | None, error: type) -> None:
    with pytest.raises(error):
        talk(OpenOrdersQuery("BTCUSDT"), reply)


def test_a_result_of_another_shape_is_an_error() -> None:
    with pytest.raises(WireError):
        talk(OpenOrdersQuery("BTCUSDT"), an_answer({"list": [{"orderId": 4}]}))


HOUR_MS = 3_600_000
PAGE_MS = CANDLES_A_PAGE * HOUR_MS


def a_candle(start_ms: int) -> list[str]:
    return [str(start_ms), "100", "101", "99", "100.5", "1.2345", "123"]


def candles(*starts: int, time: int = TIME_MS) -> RestReply:
    """A page, the newest first."""
    page = {"symbol": "BTCUSDT", "category": "linear", "list": [a_candle(start) for start in starts]}
    return an_answer(page, time=time)


def test_history_is_closed_bars_oldest_first_and_without_the_open_one() -> None:
    since = TIME_MS - 3 * HOUR_MS
    done = talk(HistoryQuery("BTCUSDT", HOUR_MS, since), candles(TIME_MS - HOUR_MS + 1, TIME_MS - HOUR_MS, since))
    window = f"start={since}&end={since + PAGE_MS - 1}"
    assert done.asked == [("market/kline", f"symbol=BTCUSDT&interval=60&category=linear&{window}&limit=1000")]
    assert [candle.ts_open for candle in done.answer.candles] == [since, TIME_MS - HOUR_MS]
    assert done.answer.candles[0].volume == 1234  # finer than the grid: rounded down
    assert (done.answer.ts_close, done.answer.has_more) == (TIME_MS, False)


def test_history_of_more_than_a_page_says_so() -> None:
    since = TIME_MS - PAGE_MS - HOUR_MS
    assert talk(HistoryQuery("BTCUSDT", HOUR_MS, since), candles(since)).answer.has_more
    assert not talk(HistoryQuery("BTCUSDT", HOUR_MS, since + 1), candles(since + 1)).answer.has_more


def test_a_window_in_which_nothing_closed_is_passed_over() -> None:
    since = TIME_MS - 2 * PAGE_MS
    done = talk(HistoryQuery("BTCUSDT", HOUR_MS, since), candles(), candles(since + PAGE_MS))
    assert done.asked[1][1].endswith(f"start={since + PAGE_MS}&end={since + 2 * PAGE_MS - 1}&limit=1000")
    assert [candle.ts_open for candle in done.answer.candles] == [since + PAGE_MS]


def test_history_without_a_beginning_is_the_last_page() -> None:
    done = talk(HistoryQuery("BTCUSDT", HOUR_MS), candles(TIME_MS - HOUR_MS))
    assert done.asked == [("market/kline", "symbol=BTCUSDT&interval=60&category=linear&limit=1000")]
    assert (len(done.answer.candles), done.answer.has_more) == (1, False)


def test_no_bars_are_nothing() -> None:
    answer = talk(HistoryQuery("BTCUSDT", HOUR_MS, TIME_MS), candles()).answer
    assert (answer.ts_open, answer.ts_close, answer.candles) == (0, 0, ())


def test_a_length_that_the_venue_has_no_candles_of_is_an_error() -> None:
    with pytest.raises(WireError, match="61000"):
        talk(HistoryQuery("BTCUSDT", 61_000))
