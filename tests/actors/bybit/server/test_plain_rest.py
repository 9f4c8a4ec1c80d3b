"""REST, asked by a client that knows the reference alone: signatures, bad input, reads, pages, limits."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from actors.bybit.server.trading.accounts import AccountPlan
from tests.actors.bybit.server.plain import PlainRest, sign
from tests.actors.bybit.server.running import KEY, SECRET, RunningServer, a_market_exchange, running

LINEAR = "category=linear&symbol=BTCUSDT"
ORDER = {
    "category": "linear",
    "symbol": "BTCUSDT",
    "side": "Buy",
    "orderType": "Limit",
    "qty": "0.01",
    "price": "50000",
}
READER = AccountPlan("reader-key", "reader-secret", 2, is_read_only=True)
EXPIRED = AccountPlan("expired-key", "expired-secret", 3, expired_at_ms=1_600_000_000_000)
SLOW = AccountPlan("slow-key", "slow-secret", 4)
MINUTE_MS = 60_000


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    plan = AccountPlan(KEY, SECRET, order_rate=10_000)
    with running(a_market_exchange(plan, READER, EXPIRED, SLOW)) as found:
        yield found


@pytest.fixture
def rest(server: RunningServer) -> Iterator[PlainRest]:
    server.advance(1_000)  # the limits of a second are whole again
    with PlainRest(server.address, KEY, SECRET, server.wall_ms) as found:
        yield found


def of(rest: PlainRest, plan: AccountPlan) -> PlainRest:
    return PlainRest(rest.address, plan.key, plan.secret, rest.now_ms, client=rest.client)


def shape_of(answer: httpx.Response) -> dict[str, Any]:
    """The body of a refusal: HTTP 200 and the whole envelope."""
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    body: dict[str, Any] = answer.json()
    assert {name: type(value) for name, value in body.items()} == {
        "retCode": int, "retMsg": str, "result": dict, "retExtInfo": dict, "time": int,
    }  # fmt: skip
    return body


# -- who asks, and when -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "code", "text"),
    [
        ({"X-BAPI-SIGN": "00"}, 10004, "error sign!"),
        ({"X-BAPI-SIGN": ""}, 10004, "error sign!"),
        ({"X-BAPI-SIGN": "\u00fc"}, 10004, "error sign!"),
        ({"X-BAPI-API-KEY": "nobody"}, 10003, "API key is invalid"),
        ({"X-BAPI-API-KEY": ""}, 10003, "API key is invalid"),
        ({"X-BAPI-TIMESTAMP": ""}, 10001, "timestamp"),
        ({"X-BAPI-TIMESTAMP": "noon"}, 10001, "timestamp"),
        ({"X-BAPI-RECV-WINDOW": "wide"}, 10001, "recv_window"),
    ],
)
def test_a_request_that_is_not_signed_well_is_refused(
    rest: PlainRest, changes: dict[str, str], code: int, text: str
) -> None:
    headers: Any = [(name.encode(), value.encode()) for name, value in (rest.headers(LINEAR) | changes).items()]
    body = shape_of(rest.send("GET", "order/realtime", query=LINEAR, headers=headers))
    assert body["retCode"] == code
    assert text in body["retMsg"]


@pytest.mark.parametrize(
    ("off_ms", "window", "is_inside"),
    [
        (0, 5_000, True), (-5_000, 5_000, True), (-5_001, 5_000, False), (999, 5_000, True), (1_000, 5_000, False),
        (1_000, 60_000, False), (-9_999, 10_000, True), (-100, 50, False),
    ],
)  # fmt: skip
def test_a_timestamp_must_lie_in_the_window_and_less_than_a_second_ahead(
    rest: PlainRest, off_ms: int, window: int, is_inside: bool
) -> None:
    stamp = str(rest.now_ms() + off_ms)
    headers = {
        "X-BAPI-API-KEY": KEY,
        "X-BAPI-TIMESTAMP": stamp,
        "X-BAPI-RECV-WINDOW": str(window),
        "X-BAPI-SIGN": sign(SECRET, f"{stamp}{KEY}{window}{LINEAR}"),
    }
    body = shape_of(rest.send("GET", "order/realtime", query=LINEAR, headers=headers))
    assert body["retCode"] == (0 if is_inside else 10002)
    if not is_inside:
        assert f"req_timestamp[{stamp}],server_timestamp[{rest.now_ms()}],recv_window[{window}]" in body["retMsg"]


def test_without_a_window_it_is_five_seconds_and_signed_as_none(rest: PlainRest) -> None:
    stamp = str(rest.now_ms() - 4_900)
    headers = {"X-BAPI-API-KEY": KEY, "X-BAPI-TIMESTAMP": stamp, "X-BAPI-SIGN": sign(SECRET, f"{stamp}{KEY}{LINEAR}")}
    assert shape_of(rest.send("GET", "order/realtime", query=LINEAR, headers=headers))["retCode"] == 0


def test_a_key_that_reads_may_not_write_and_an_expired_one_may_nothing(rest: PlainRest) -> None:
    reader, expired = of(rest, READER), of(rest, EXPIRED)
    assert reader.get("order/realtime", LINEAR)["retCode"] == 0
    refused = reader.post("order/create", ORDER)
    assert (refused["retCode"], refused["retMsg"][:17]) == (10005, "Permission denied")
    assert expired.get("order/realtime", LINEAR)["retCode"] == 33004


# -- the request itself -----------------------------------------------------------------------------------------------

WRITES = [
    "order/create",
    "order/create-batch",
    "order/amend",
    "order/cancel",
    "order/cancel-all",
    "position/set-leverage",
]
NO_REQUESTS = [
    b"{", b"", b"[]", b"null", b"17", b'"text"', b"{}", b"\xff\xfe", b'{"category":"linear"}', b"<xml/>", b"[" * 50_000,
    b'{"category":7,"symbol":{}}', b'{"category":"futures","symbol":"BTCUSDT"}', b'{"a":' * 9_000,
]  # fmt: skip


@pytest.mark.parametrize("path", WRITES)
@pytest.mark.parametrize("body", NO_REQUESTS, ids=lambda body: repr(body[:24]))
def test_a_body_that_is_no_request_is_a_parameter_error(rest: PlainRest, path: str, body: bytes) -> None:
    found = shape_of(rest.post_bytes(path, body))
    assert found["retCode"] == 10001
    assert found["retMsg"].startswith("params error: ")
    assert len(found["retMsg"]) < 500


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"qty": 1}, 10001), ({"qty": None}, 10001), ({"qty": ""}, 10001), ({"qty": "1E-7"}, 10001),
        ({"qty": "-1"}, 10001), ({"qty": "NaN"}, 10001), ({"qty": "0"}, 10001), ({"qty": "0.0001"}, 10001),
        ({"qty": "0." + "0" * 400 + "1"}, 10001), ({"qty": "9" * 400}, 10001), ({"price": "Infinity"}, 10001),
        ({"price": ""}, 10001), ({"price": None}, 10001), ({"price": "50000.05"}, 10001), ({"price": "0x10"}, 10001),
        ({"price": "9" * 400}, 10001), ({"side": "Hold"}, 10001), ({"side": ["Buy"]}, 10001),
        ({"orderType": "Iceberg"}, 10001), ({"timeInForce": "GTD"}, 10001), ({"category": "futures"}, 10001),
        ({"category": "option"}, 10001), ({"symbol": "NOPE"}, 10001), ({"symbol": 7}, 10001),
        ({"symbol": "btcusdt"}, 10001), ({"orderLinkId": "x" * 37}, 10001), ({"orderLinkId": "a b"}, 10001),
        ({"orderLinkId": "\u00fc"}, 10001), ({"positionIdx": 7}, 10001), ({"positionIdx": 1}, 10001),
        ({"reduceOnly": "perhaps"}, 10001), ({"reduceOnly": True}, 110017), ({"qty": "900", "price": "60000"}, 110007),
        ({"qty": "5000"}, 10001), ({"price": "0.1"}, 110094), ({"triggerPrice": "50000"}, 10001),
        ({"triggerPrice": "50000", "triggerDirection": 1}, 110092),
    ],
    ids=str,
)  # fmt: skip
def test_an_order_that_cannot_be_is_refused_with_its_code(rest: PlainRest, changes: dict[str, Any], code: int) -> None:
    found = shape_of(rest.post_bytes("order/create", json.dumps(ORDER | changes).encode()))
    assert (found["retCode"], found["result"]) == (code, {}), found["retMsg"]


def test_lenient_requests_are_read_as_they_are_meant(rest: PlainRest) -> None:
    odd = ORDER | {"positionIdx": "0", "reduceOnly": "false", "price": "50000.000", "qty": "0.0100", "unknown": [1]}
    ids = rest.done("order/create", odd | {"orderLinkId": "odd-1", "triggerBy": ""})
    (order,) = rest.result("order/realtime", LINEAR + "&orderLinkId=odd-1&nonsense=1&limit=50")["list"]
    assert (order["orderId"], order["price"], order["qty"]) == (ids["orderId"], "50000", "0.01")
    again = shape_of(rest.post_bytes("order/create", json.dumps(ORDER | {"orderLinkId": "odd-1"}).encode()))
    assert again["retCode"] == 110072
    answer = rest.client.get(f"http://{rest.address}/v5/market/time?")
    assert answer.json()["retCode"] == 0


def test_other_ways_in_are_closed(rest: PlainRest) -> None:
    body = b"{}"
    get = rest.send("GET", "order/realtime", query=LINEAR, body=body, headers=rest.headers(LINEAR))
    assert (get.status_code, get.headers["content-type"].split(";")[0]) == (403, "text/html")
    assert rest.send("GET", "order/create").json()["retCode"] == 10017
    assert rest.send("POST", "market/time", body=body).json()["retCode"] == 10017
    assert rest.send("GET", "order/nonsense").status_code == 404
    assert rest.send("GET", "market/time/").status_code == 404
    assert rest.client.get(f"http://{rest.address}/").status_code == 404
    assert rest.send("DELETE", "order/create").status_code == 405
    assert rest.post_bytes("order/create", b" " * 65_537).status_code == 413
    assert rest.post_bytes("order/create", b" " * 65_536).json()["retCode"] == 10001


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_a_body_of_another_content_type_is_a_parameter_error(rest: PlainRest, kind: str) -> None:
    body = json.dumps(ORDER).encode()
    answer = rest.send("POST", "order/create", body=body, headers=rest.headers(body) | {"Content-Type": kind})
    found = shape_of(answer)
    assert (found["retCode"], "Content-Type" in found["retMsg"]) == (10001, True)


# -- reads ------------------------------------------------------------------------------------------------------------

READS = {
    "order/realtime": "", "order/history": "", "execution/list": "", "position/list": "", "position/closed-pnl": "",
    "market/tickers": "", "market/instruments-info": "", "market/funding/history": "&symbol=BTCUSD",
    "market/risk-limit": "", "market/kline": "&symbol=BTCUSD&interval=1", "market/recent-trade": "&symbol=BTCUSD",
    "market/open-interest": "&symbol=BTCUSD&intervalTime=1h", "account/fee-rate": "",
}  # fmt: skip


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize("category", ["inverse", "option"])
def test_of_a_category_without_books_every_list_is_empty(rest: PlainRest, path: str, category: str) -> None:
    assert rest.result(path, f"category={category}{READS[path]}")["list"] == []


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("order/realtime", "category=linear&settleCoin=USDC"), ("position/list", "category=linear&settleCoin=USDC"),
        ("order/history", "category=linear&settleCoin=USDC"),
        ("market/instruments-info", "category=linear&status=PreLaunch"),
        ("market/instruments-info", "category=linear&status=Closed"), ("execution/list", "category=spot"),
        ("account/transaction-log", "accountType=UNIFIED&currency=USDC"),
        ("execution/list", "category=linear&settleCoin=USDC"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_an_empty_list(rest: PlainRest, path: str, query: str) -> None:
    assert rest.result(path, query)["list"] == []


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("market/tickers", "category=futures"), ("market/tickers", "symbol=BTCUSDT"),
        ("market/tickers", "category=linear&symbol=NOPE"), ("market/kline", "symbol=BTCUSDT&interval=2"),
        ("market/kline", "symbol=BTCUSDT&interval=1&limit=1001"), ("market/kline", "symbol=BTCUSDT&interval=1&limit=0"),
        ("market/kline", "symbol=BTCUSDT&interval=1&start=soon"), ("market/kline", "interval=1"),
        ("market/orderbook", "category=linear"), ("market/funding/history", f"{LINEAR}&startTime=1"),
        ("order/realtime", "category=linear"), ("order/realtime", f"{LINEAR}&limit=51"),
        ("order/history", f"{LINEAR}&startTime=0&endTime=604800001"),
        ("order/history", f"{LINEAR}&startTime=9&endTime=1"),
        ("order/realtime", f"{LINEAR}&cursor=nonsense"), ("execution/list", f"{LINEAR}&cursor=%00"),
        ("position/list", "category=linear"), ("account/wallet-balance", "accountType=CONTRACT"),
        ("account/wallet-balance", ""), ("execution/list", f"{LINEAR}&execType=Gift"),
    ],
)  # fmt: skip
def test_a_read_that_cannot_be_is_a_parameter_error(rest: PlainRest, path: str, query: str) -> None:
    found = shape_of(rest.send("GET", path, query=query, headers=rest.headers(query)))
    assert (found["retCode"], found["result"]) == (10001, {})


def test_candles_begin_at_start_come_newest_first_and_go_back_three_thousand_minutes(rest: PlainRest) -> None:
    start = rest.now_ms() // MINUTE_MS * MINUTE_MS - 3_000 * MINUTE_MS
    query = f"{LINEAR}&interval=1"
    rows = rest.result("market/kline", f"{query}&start={start}")["list"]
    assert [int(row[0]) for row in rows] == [start + number * MINUTE_MS for number in range(199, -1, -1)]
    assert len(rest.result("market/kline", f"{query}&start={start}&limit=1000")["list"]) == 1_000
    found: list[list[str]] = []
    end = rest.now_ms()
    while len(found) < 3_000:  # page by time, as the reference says
        page = rest.result("market/kline", f"{query}&limit=1000&end={end}")["list"]
        assert len(page) == 1_000
        found += page
        end = int(page[-1][0]) - 1
    times = [int(row[0]) for row in found]
    assert times == list(range(times[0], times[0] - 3_000 * MINUTE_MS, -MINUTE_MS))
    one = rest.result("market/kline", f"{query}&start={times[5]}&end={times[2]}")["list"]
    assert one == found[2:6]
    assert rest.result("market/kline", f"{query}&start={rest.now_ms() + MINUTE_MS}")["list"] == []


def test_slower_candles_are_made_of_the_faster_ones(rest: PlainRest) -> None:
    (_, hour), minutes = (
        rest.result("market/kline", f"{LINEAR}&interval=60&limit=2")["list"],
        rest.result("market/kline", f"{LINEAR}&interval=1&limit=1000")["list"],
    )
    parts = [row for row in minutes if int(hour[0]) <= int(row[0]) < int(hour[0]) + 60 * MINUTE_MS]
    assert len(parts) == 60
    assert hour[1:5] == [
        parts[-1][1], max((row[2] for row in parts), key=float), min((row[3] for row in parts), key=float), parts[0][4],
    ]  # fmt: skip
    assert float(hour[5]) == pytest.approx(sum(float(row[5]) for row in parts))


# -- pages and limits -------------------------------------------------------------------------------------------------


def test_pages_go_through_everything_once_and_a_cursor_is_of_its_query(rest: PlainRest) -> None:
    for number in range(25):
        rest.done("order/create", ORDER | {"orderLinkId": f"page-{number}", "price": f"{49_000 + number}"})
    found: list[str] = []
    cursor = ""
    while True:
        query = f"{LINEAR}&limit=10" + (f"&cursor={cursor}" if cursor else "")  # as it came, not encoded again
        answer = rest.result("order/realtime", query)
        found += [row["orderLinkId"] for row in answer["list"] if row["orderLinkId"].startswith("page-")]
        other = cursor
        if not (cursor := answer["nextPageCursor"]):
            break
    assert found == [f"page-{number}" for number in range(24, -1, -1)]
    for path, query in [("order/realtime", "category=spot"), ("order/history", LINEAR), ("execution/list", LINEAR),
                        ("order/realtime", "category=linear&settleCoin=USDT")]:  # fmt: skip
        answer = rest.get(path, f"{query}&cursor={other}")
        assert (answer["retCode"], answer["retMsg"]) == (10001, "cursor is invalid")
    assert rest.done("order/cancel-all", {"category": "linear", "symbol": "BTCUSDT"})["success"] == "1"
    assert rest.result("order/realtime", LINEAR)["list"] == []


def test_too_many_requests_are_10006_with_a_time_that_lies_ahead(server: RunningServer, rest: PlainRest) -> None:
    slow, body = of(rest, SLOW), json.dumps(ORDER | {"orderLinkId": "none"} | {"qty": "0"}).encode()
    answers = [slow.post_bytes("order/create", body) for _ in range(11)]
    status = [int(answer.headers["X-Bapi-Limit-Status"]) for answer in answers]
    assert status == [*range(9, -1, -1), 0]
    assert {answer.headers["X-Bapi-Limit"] for answer in answers} == {"10"}
    assert [answer.json()["retCode"] for answer in answers] == [10001] * 10 + [10006]
    reset_ms = int(answers[-1].headers["X-Bapi-Limit-Reset-Timestamp"])
    assert rest.now_ms() < reset_ms <= rest.now_ms() + 1_000
    server.advance(reset_ms - rest.now_ms())
    assert slow.post_bytes("order/create", body).json()["retCode"] == 10001


def test_a_batch_beyond_the_limit_is_carried_out_as_far_as_it_goes(rest: PlainRest) -> None:
    slow = of(rest, SLOW)
    item = {"symbol": "BTCUSDT", "side": "Buy", "orderType": "Limit", "qty": "0.001", "price": "50000"}
    answer = slow.post("order/create-batch", {"category": "linear", "request": [item] * 14})
    assert answer["retCode"] == 0
    assert [each["code"] for each in answer["retExtInfo"]["list"]] == [0] * 10 + [10006] * 4
    assert [bool(each["orderId"]) for each in answer["result"]["list"]] == [True] * 10 + [False] * 4
    assert len(slow.result("order/realtime", LINEAR)["list"]) == 10


def test_an_address_over_its_limit_is_banned_for_ten_minutes() -> None:
    with running(address_limit=20) as server, PlainRest(server.address, KEY, SECRET, server.wall_ms) as rest:
        statuses = [rest.send("GET", "market/time").status_code for _ in range(21)]
        assert statuses == [200] * 20 + [403]
        assert "access too frequent" in rest.send("GET", "market/time").text
        server.advance(599_000)
        assert rest.send("GET", "market/time").status_code == 403
        server.advance(1_001)
        assert rest.send("GET", "market/time").status_code == 200
