"""A server on a free loopback port and a client of it, in one Trio run on the exchange's own clock.

The clock stands still unless a test steps it, so nothing here waits for time to pass. What a test does is bounded by
real time: a thread ends a run that hangs.
"""

import json
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import attrs
import httpx
import trio
import trio.testing
from trio_websocket import WebSocketConnection, wrap_client_stream

from actors.bybit.server.clock import ExchangeClock, SteppedClock
from actors.bybit.server.faults.assembly import FaultSetup
from actors.bybit.server.faults.reading import read_fault
from actors.bybit.server.serve import ServerPlan, run_server
from actors.bybit.server.trading.accounts import DEFAULT_ACCOUNT, AccountPlan
from actors.bybit.server.trading.exchange import LocalExchange
from actors.bybit.signing import sign_rest, sign_socket
from tests.actors.bybit.server.markets import FLAT, START_MS, Row, an_exchange

__all__ = ["Client", "Line", "play"]

_LONGEST_S = 60.0


@attrs.define
class Line:
    """A WebSocket of the client; frames as JSON."""

    socket: WebSocketConnection

    async def say(self, **frame: Any) -> None:
        await self.socket.send_message(json.dumps(frame))

    async def next(self) -> Any:
        return json.loads(await self.socket.get_message())

    def waiting(self) -> int:
        """Frames that have come and nobody has read."""
        return len(self.socket._recv_channel._state.data)

    async def all_so_far(self) -> list[Any]:
        """What has come, once nothing moves any more."""
        await trio.testing.wait_all_tasks_blocked()
        return [await self.next() for _ in range(self.waiting())]

    async def is_closed(self) -> bool:
        """Whether the server has closed it, once nothing moves any more."""
        await trio.testing.wait_all_tasks_blocked()
        return self.socket.closed is not None

    async def asks(self, **frame: Any) -> Any:
        await self.say(**frame)
        return await self.next()


@attrs.define
class Client:
    """Signs its requests with the server time unless `skew_ms` says otherwise."""

    port: int
    exchange: LocalExchange
    clock: ExchangeClock
    http: httpx.AsyncClient
    plan: AccountPlan = DEFAULT_ACCOUNT
    skew_ms: int = 0

    async def raw(self, method: str, path: str, **fields: Any) -> httpx.Response:
        url, query, body = f"http://127.0.0.1:{self.port}/v5/{path}", "", ""
        if method == "GET":
            query = urlencode(fields)
        else:
            body = json.dumps(fields)
        stamp = str(self.clock.wall_ms() + self.skew_ms)
        sign = sign_rest(self.plan.secret, self.plan.key, stamp, "5000", query or body)
        headers = {
            "X-BAPI-API-KEY": self.plan.key,
            "X-BAPI-TIMESTAMP": stamp,
            "X-BAPI-RECV-WINDOW": "5000",
            "X-BAPI-SIGN": sign,
            "Content-Type": "application/json",
        }
        return await self.http.request(
            method, f"{url}?{query}" if query else url, content=body or None, headers=headers
        )

    async def get(self, path: str, **params: Any) -> Any:
        return (await self.raw("GET", path, **params)).json()

    async def post(self, path: str, **body: Any) -> Any:
        return (await self.raw("POST", path, **body)).json()

    async def limit(self, price: str, qty: str = "0.1", side: str = "Buy", **more: Any) -> Any:
        terms = {"category": "linear", "symbol": "BTCUSDT", "orderType": "Limit"} | more
        return await self.post("order/create", side=side, qty=qty, price=price, **terms)

    async def market(self, qty: str, side: str = "Buy", **more: Any) -> Any:
        terms = {"category": "linear", "symbol": "BTCUSDT", "orderType": "Market"} | more
        return await self.post("order/create", side=side, qty=qty, **terms)

    async def control(self, method: str, path: str, body: Any = None) -> httpx.Response:
        content = None if body is None else json.dumps(body)
        return await self.http.request(method, f"http://127.0.0.1:{self.port}/control/{path}", content=content)

    async def fault(self, kind: str, **fields: Any) -> int:
        """Order a fault; its number."""
        answer = await self.control("POST", "faults", {"kind": kind, **fields})
        assert answer.status_code == 200, answer.text
        return int(answer.json()["numbers"][0])

    async def step(self, **how: int) -> Any:
        answer = await self.control("POST", "step", how)
        assert answer.status_code == 200, answer.text
        return answer.json()

    @asynccontextmanager
    async def line(self, path: str) -> AsyncIterator[Line]:
        """A socket; at its end the TCP connection is closed without a word."""
        async with await trio.open_tcp_stream("127.0.0.1", self.port) as stream, trio.open_nursery() as nursery:
            host = f"127.0.0.1:{self.port}"
            socket = await wrap_client_stream(nursery, stream, host, f"/v5/{path}", message_queue_size=10_000)
            yield Line(socket)
            nursery.cancel_scope.cancel()

    @asynccontextmanager
    async def signed(self, path: str, *topics: str) -> AsyncIterator[Line]:
        """A private or trade socket that has signed in, and has subscribed."""
        async with self.line(path) as line:
            expires = self.clock.wall_ms() + 10_000
            await line.asks(op="auth", args=[self.plan.key, expires, sign_socket(self.plan.secret, str(expires))])
            if topics:
                await line.asks(op="subscribe", args=list(topics))
            yield line

    async def trade(self, line: Line, op: str, req_id: str, **item: Any) -> None:
        """An order request on the trade socket; its answer is not awaited."""
        header = {"X-BAPI-TIMESTAMP": str(self.clock.wall_ms())}
        await line.say(reqId=req_id, header=header, op=op, args=[{"category": "linear", "symbol": "BTCUSDT", **item}])


def play(
    scenario: Callable[[Client], Awaitable[None]],
    rows: Sequence[Row] = (FLAT,) * 30,
    orders: Sequence[dict[str, Any]] = (),
    clock: ExchangeClock | None = None,
    seed: int = 0,
    address_limit: int = 600,
    **plan: Any,
) -> None:
    """Serve the rows' market with a schedule of faults, let the scenario play, and stop."""
    clock = clock or SteppedClock(START_MS)
    exchange = an_exchange(rows)
    setup = FaultSetup([read_fault(order) for order in orders], seed, **plan)

    async def main() -> None:
        over, done = trio.Event(), threading.Event()
        async with trio.open_nursery() as nursery:
            serve = ServerPlan("127.0.0.1", 0, address_limit=address_limit, faults=setup)
            nursery.start_soon(_no_longer_than, done, nursery.cancel_scope)
            bound = await nursery.start(_serve, serve, exchange, clock, over)
            async with httpx.AsyncClient(timeout=None) as http:
                await scenario(Client(int(bound[0].rpartition(":")[2]), exchange, clock, http))
            done.set()
            over.set()

    trio.run(main, clock=clock)


async def _serve(
    plan: ServerPlan,
    exchange: LocalExchange,
    clock: ExchangeClock,
    over: trio.Event,
    *,
    task_status: "trio.TaskStatus[list[str]]" = trio.TASK_STATUS_IGNORED,
) -> None:
    await run_server(plan, exchange, clock, task_status=task_status, shutdown=over.wait)


async def _no_longer_than(done: threading.Event, scope: trio.CancelScope) -> None:
    if not await trio.to_thread.run_sync(done.wait, _LONGEST_S, abandon_on_cancel=True):
        scope.cancel()
        raise AssertionError(f"the scenario has not ended after {_LONGEST_S} s")
