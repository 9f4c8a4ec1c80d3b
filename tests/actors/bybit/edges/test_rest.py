"""The REST edge over real sockets, against a host that plays any answer: what is sent, and what each answer becomes."""

import gc
import logging
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import trio
from pybit import _helpers
from pybit.unified_trading import HTTP
from trio.testing import MockClock, wait_all_tasks_blocked

from actors.bybit.edges.keys import ApiKeys, Secret
from actors.bybit.edges.rest import RestEdge
from actors.bybit.endpoints import HOSTS, Environment
from actors.bybit.signing import sign_rest
from actors.model.calls import CallAnswered, CallLost, LimitHeaders, SendCall, VenueCall
from actors.model.errors import ConfigurationError
from tests.actors.bybit.edges.hosts import Heard, Page, ScriptedHost, a_host

KEY, SECRET = "a-key-of-ours", "a-secret-of-ours"
KEYS = ApiKeys(Environment.LOCAL, KEY, Secret(SECRET))
STAMP_MS, WINDOW_MS = 1_764_402_010_123, 5_077
ORDER = '{"symbol":"BTCUSDT","qty":"0.010","orderLinkId":"cf-1"}'
LIMITS = {"X-Bapi-Limit": "10", "X-Bapi-Limit-Status": "9", "X-Bapi-Limit-Reset-Timestamp": str(STAMP_MS)}


def a_write(payload: str = ORDER, timeout_ms: int = 10_000) -> SendCall:
    return SendCall(VenueCall("POST", "/v5/order/create", payload, True, True), timeout_ms, STAMP_MS, WINDOW_MS)


def a_read(payload: str = "category=linear", path: str = "/v5/order/realtime") -> SendCall:
    return SendCall(VenueCall("GET", path, payload, True, False), 10_000, STAMP_MS, WINDOW_MS)


def an_edge(host: ScriptedHost, keys: ApiKeys | None = KEYS, threads: int = 8) -> RestEdge:
    return RestEdge(Environment.LOCAL, keys, host.address, threads)


async def said(edge: RestEdge, request: SendCall) -> Any:
    replies: list[Any] = []

    async def emit(message: object) -> None:
        replies.append(message)

    await edge.serve(request, emit)
    (reply,) = replies
    return reply


def is_signed_as_sent(heard: Heard) -> bool:
    text = heard.body.decode() if heard.method == "POST" else heard.query
    return heard.headers["X-BAPI-SIGN"] == sign_rest(SECRET, KEY, STAMP_MS, WINDOW_MS, text)


@pytest.fixture
def host() -> Iterator[ScriptedHost]:
    with a_host() as host:
        yield host


# -- what is sent ----------------------------------------------------------------------------------------------------


async def test_a_call_goes_out_once_with_our_time_stamp_and_its_payload_byte_for_byte(host: ScriptedHost) -> None:
    await said(an_edge(host), a_write())
    (heard,) = host.heard
    assert (heard.method, heard.target, heard.body) == ("POST", "/v5/order/create", ORDER.encode())
    assert heard.headers["X-BAPI-TIMESTAMP"] == str(STAMP_MS)
    assert heard.headers["X-BAPI-RECV-WINDOW"] == str(WINDOW_MS)
    assert heard.headers["X-BAPI-API-KEY"] == KEY
    assert is_signed_as_sent(heard)


@pytest.mark.parametrize(
    "query",
    [
        "symbol=BTCUSDT&category=linear&limit=50",  # not in the order of the alphabet
        "category=linear&cursor=a%3D%3D%2Cb",
        "category=linear&cursor=a%3d%2d%7e",  # escapes that HTTP libraries rewrite
        "category=linear&orderLinkId=cf:1,2;3",
        "",
    ],
)
async def test_what_is_signed_is_what_is_sent(host: ScriptedHost, query: str) -> None:
    await said(an_edge(host), a_read(query))
    assert is_signed_as_sent(host.heard[0])


async def test_a_body_that_is_not_ascii_is_signed_as_it_is_sent(host: ScriptedHost) -> None:
    await said(an_edge(host), a_write('{"orderLinkId":"Zürich-東京"}'))
    assert host.heard[0].body == '{"orderLinkId":"Zürich-東京"}'.encode()
    assert is_signed_as_sent(host.heard[0])


async def test_a_public_call_carries_no_key(host: ScriptedHost) -> None:
    public = SendCall(VenueCall("GET", "/v5/market/time", "", False, False), 10_000)
    for keys in (KEYS, None):
        await said(an_edge(host, keys), public)
    assert [name for heard in host.heard for name in heard.headers if name.startswith("X-BAPI")] == []


async def test_a_signed_call_without_keys_is_our_fault(host: ScriptedHost) -> None:
    with pytest.raises(ConfigurationError, match="/v5/order/create needs a key"):
        await said(an_edge(host, None), a_write())
    assert host.heard == []


async def test_the_replaced_time_stamp_is_that_of_our_calls_alone(host: ScriptedHost) -> None:
    await said(an_edge(host), a_write())
    stranger = HTTP(api_key="another", api_secret="another")
    stranger.endpoint = f"http://{host.address}"
    before_ms = _helpers.generate_timestamp()
    await trio.to_thread.run_sync(lambda: stranger.get_open_orders(category="linear", symbol="BTCUSDT"))
    assert host.heard[0].headers["X-BAPI-TIMESTAMP"] == str(STAMP_MS)
    assert before_ms <= int(host.heard[1].headers["X-BAPI-TIMESTAMP"]) <= _helpers.generate_timestamp()


# -- what comes back --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [10002, 10006, 30034, 30035, 130035, 130150, 10000, 10001, 110001])
async def test_no_code_is_sent_again(code: int) -> None:
    body = b'{"retCode":%d,"retMsg":"no","result":{}}' % code
    past = LIMITS | {"X-Bapi-Limit-Reset-Timestamp": "1000"}  # pybit would sleep for a negative time
    with a_host(Page(body=body, headers=past)) as host:
        assert await said(an_edge(host), a_write()) == CallAnswered(200, body.decode(), LimitHeaders(10, 9, 1000))
        assert len(host.heard) == 1


@pytest.mark.parametrize(
    "page",
    [
        Page(403, b"<html>access too frequent</html>", {"Content-Type": "text/html"}),
        Page(200, b"<html><body>Sign in to the company's network</body></html>"),
        Page(502, b"Bad Gateway"),
        Page(500, b'{"retCode":10016,"retMsg":"internal"}'),
        Page(429, b""),
        Page(200, b"[]"),
        Page(200, b"5"),
        Page(200, b'{"retCode":10006}'),
        Page(200, b'{"retCode":0,'),
    ],
    ids=lambda page: f"{page.status} {page.body[:12].decode()}",
)
async def test_any_page_is_an_answer_for_the_codec_and_is_asked_for_once(page: Page) -> None:
    with a_host(page) as host:
        for request in (a_write(), a_read()):
            assert await said(an_edge(host), request) == CallAnswered(page.status, page.body.decode())
        assert len(host.heard) == 2


async def test_bytes_that_are_no_text_do_not_become_json() -> None:
    with a_host(Page(body=b'{"retCode":0,"retMsg":"\xff"}')) as host:
        assert await said(an_edge(host), a_write()) == CallAnswered(200, '{"retCode":0,"retMsg":"\\xff"}')


async def test_a_redirect_is_not_followed(host: ScriptedHost) -> None:
    away = {"Location": f"http://{host.address}/elsewhere"}
    for status in (301, 302, 307, 308):
        with a_host(Page(status, b"moved", away)) as first:
            reply = await said(an_edge(first), a_write())
            assert (reply.status, len(first.heard)) == (status, 1)
    assert host.heard == []


@pytest.mark.parametrize(
    ("headers", "limit"),
    [
        (LIMITS, LimitHeaders(10, 9, STAMP_MS)),
        ({name.lower(): value for name, value in LIMITS.items()}, LimitHeaders(10, 9, STAMP_MS)),
        ({"X-Bapi-Limit": "10"}, None),
        (LIMITS | {"X-Bapi-Limit": "ten"}, None),
    ],
)
async def test_limit_headers_are_read_or_left(headers: dict[str, str], limit: LimitHeaders | None) -> None:
    with a_host(Page(headers=headers)) as host:
        assert (await said(an_edge(host), a_read())).limit == limit


# -- no answer --------------------------------------------------------------------------------------------------------


async def test_nobody_at_the_address_is_a_lost_call() -> None:
    with a_host() as host:
        edge = an_edge(host)
    for request in (a_write(), a_read()):
        assert await said(edge, request) == CallLost("ConnectionError: Connection refused")


@pytest.mark.parametrize(
    "page",
    [
        Page(body=b"", closes=True),
        Page(body=b'{"retCode":0', headers={"Content-Length": "500"}, closes=True),
    ],
    ids=["without a word", "in the middle of its answer"],
)
async def test_a_connection_that_ends_is_a_lost_call_and_is_not_opened_again(page: Page) -> None:
    with a_host(page) as host:
        reply = await said(an_edge(host), a_write())
        assert isinstance(reply, CallLost)
        assert "0x" not in reply.reason
        assert len(host.heard) == 1


async def test_a_kept_connection_that_the_host_has_closed_loses_no_call() -> None:
    with a_host(Page(closes=True)) as host:
        edge = an_edge(host)
        assert [(await said(edge, a_write())).status for _ in range(3)] == [200, 200, 200]
        assert len(host.heard) == 3


async def test_an_answer_without_end_is_a_lost_call() -> None:
    with a_host(Page(body=b"x" * (17 * 1024 * 1024))) as host:
        assert await said(an_edge(host), a_read()) == CallLost(
            "RequestException: an answer of more than 16777216 bytes"
        )


async def test_a_silent_host_is_a_lost_call_and_holds_no_place_of_another_kind(mock_clock: MockClock) -> None:
    """A read that hangs keeps its thread; a read behind it is never sent; writes have threads of their own."""
    released = threading.Event()
    replies: list[Any] = []
    with a_host(Page(waits=released.wait), Page()) as host:
        edge = an_edge(host, threads=1)

        async def read(query: str) -> None:
            replies.append(await said(edge, a_read(query)))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(read, "category=linear")
            while not host.heard:
                await trio.lowlevel.checkpoint()
            nursery.start_soon(read, "category=spot")
            assert (await said(edge, a_write())).status == 200
            await wait_all_tasks_blocked()
            assert replies == []
            mock_clock.jump(10)
        assert replies == [CallLost("no answer within 10000 ms")] * 2
        released.set()
        assert (await said(edge, a_read("category=inverse"))).status == 200  # the thread has come back
        assert [heard.query for heard in host.heard] == ["category=linear", "", "category=inverse"]


# -- fences -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("environment", [Environment.MAIN, Environment.TESTNET, Environment.DEMO])
def test_keys_are_bound_to_the_host_of_their_environment(environment: Environment) -> None:
    keys = ApiKeys(environment, KEY, Secret(SECRET))
    edge = RestEdge(environment, keys)
    assert edge.url == edge._new_session().endpoint == HOSTS[environment].rest
    for other in Environment:
        if other is not environment:
            with pytest.raises(ConfigurationError, match=f"the keys are those of the environment {environment}"):
                RestEdge(other, keys, "127.0.0.1:1")
    with pytest.raises(ConfigurationError, match="alone, not to"):
        RestEdge(environment, keys, "127.0.0.1:1")


async def test_no_log_no_repr_and_no_answer_shows_key_or_secret(caplog: pytest.LogCaptureFixture, capfd: Any) -> None:
    quoting = Page(body=f'{{"retCode":10004,"retMsg":"error sign! origin_string[{STAMP_MS}{KEY}5000]"}}'.encode())
    caplog.set_level(logging.DEBUG)
    with a_host(quoting, Page(body=b"", closes=True)) as host:
        edge = an_edge(host)
        shown = [repr(await said(edge, a_write())) for _ in range(2)]
        shown += [repr(edge), repr(vars(edge)), repr(edge._new_session())]
    captured = capfd.readouterr()
    shown += [captured.out, captured.err, caplog.text]
    assert "[key]" in shown[0]
    assert [text for text in shown if KEY in text or SECRET in text] == []


def test_pybit_has_nothing_left_to_repeat_a_call_for() -> None:
    session = RestEdge(Environment.DEMO, ApiKeys(Environment.DEMO, KEY, Secret(SECRET)))._new_session()
    assert (session.retry_codes, session.force_retry, session.max_retries) == (set(), False, 1)


async def test_an_exchange_on_this_machine_is_reached_past_a_proxy(
    host: ScriptedHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    with a_host(Page(502, b"proxy")) as proxy:
        monkeypatch.setenv("http_proxy", f"http://{proxy.address}")
        monkeypatch.delenv("no_proxy", raising=False)
        assert (await said(an_edge(host), a_write())).status == 200
        assert proxy.heard == []


async def test_a_closed_edge_keeps_no_connection(host: ScriptedHost) -> None:
    edge = an_edge(host)
    for request in (a_write(), a_read()):
        await said(edge, request)
    assert len(connections_to(host)) == 2
    edge.close()
    assert connections_to(host) == []
    await said(edge, a_read())  # a call that was under way
    assert connections_to(host) == []


def connections_to(host: ScriptedHost) -> list[socket.socket]:
    """Sockets of this process that are connected to the host."""
    port = int(host.address.rpartition(":")[2])
    found = []
    for each in gc.get_objects():
        if isinstance(each, socket.socket) and each.fileno() >= 0:
            try:
                peer = each.getpeername()
            except OSError:
                continue
            found += [each] if isinstance(peer, tuple) and peer[1] == port else []
    return found
