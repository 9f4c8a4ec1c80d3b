"""The local exchange in a thread of its own, on a free port, under a clock that the test moves.

Time stands still until `advance`, so a test never waits for the market and its client's timestamps always fit. Every
wait of a test for the server is bounded by `PATIENCE_S` real seconds.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import cache
from typing import TypeVar

import attrs
import trio

from actors.app.local_exchange.listings import listings_of, synthetic_market
from actors.bybit.server.clock import SteppedClock
from actors.bybit.server.serve import ServerPlan, run_server
from actors.bybit.server.trading.accounts import AccountPlan
from actors.bybit.server.trading.exchange import LocalExchange
from ideacards.feeds import Bars
from tests.actors.bybit.server.markets import START_MS

__all__ = ["KEY", "PATIENCE_S", "SECRET", "RunningServer", "a_market_exchange", "running"]

KEY, SECRET = "test-key-1", "test-secret-1"
PATIENCE_S = 20.0
_MANY = 1_000_000  # requests that one address may send: the tests are quick
T = TypeVar("T")


@cache
def _market() -> dict[str, Bars]:
    return synthetic_market(7)


def a_market_exchange(*accounts: AccountPlan, start_ms: int = START_MS) -> LocalExchange:
    """BTCUSDT and ETHUSDT linear, BTCUSDT spot, around 60 000 and 3 000 USDT."""
    plans = accounts or (AccountPlan(KEY, SECRET, order_rate=10_000),)
    return LocalExchange(listings_of(_market(), start_ms, 7), start_ms, plans)


@attrs.define(eq=False)
class RunningServer:
    """`address` is host and port; what touches the exchange's state runs in its thread, by `do`."""

    exchange: LocalExchange
    clock: SteppedClock
    plan: ServerPlan
    address: str = ""
    crash: BaseException | None = None
    _token: trio.lowlevel.TrioToken | None = None
    _stopped: trio.Event = attrs.Factory(trio.Event)
    _ready: threading.Event = attrs.Factory(threading.Event)

    def do(self, action: Callable[[], T]) -> T:
        """The result of `action` in the server's thread."""
        assert self._token is not None
        done: Future[T] = Future()

        def perform() -> None:
            try:
                done.set_result(action())
            except BaseException as error:
                done.set_exception(error)

        self._token.run_sync_soon(perform)
        return done.result(PATIENCE_S)

    def wall_ms(self) -> int:
        """Server time."""
        return self.clock.wall_ms()

    def advance(self, ms: int) -> None:
        """Let so much time pass on the server."""
        self.do(lambda: self.clock.advance_to(self.clock.market_ms() + ms))

    def run(self) -> None:
        """The thread."""
        try:
            trio.run(self._serve, clock=self.clock)
        except BaseException as error:
            self.crash = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        async with trio.open_nursery() as nursery:
            bound = await nursery.start(self._listen)
            self.address = bound[0].removeprefix("http://")
            self._token = trio.lowlevel.current_trio_token()
            self._ready.set()

    async def _listen(self, *, task_status: "trio.TaskStatus[list[str]]" = trio.TASK_STATUS_IGNORED) -> None:
        await run_server(self.plan, self.exchange, self.clock, task_status=task_status, shutdown=self._stopped.wait)

    def stop(self, thread: threading.Thread) -> None:
        """End the server; raises what it ended by."""
        if self.crash is None:
            self.do(self._stopped.set)
        thread.join(PATIENCE_S)
        assert not thread.is_alive(), "the server does not stop"
        if self.crash is not None:
            raise self.crash

    def wait_ready(self) -> None:
        """Until it listens."""
        assert self._ready.wait(PATIENCE_S), "the server does not start"
        if self.crash is not None:
            raise self.crash


@contextmanager
def running(exchange: LocalExchange | None = None, *, is_demo: bool = False, **plan: object) -> Iterator[RunningServer]:
    """A server; the test fails when it ends by an error."""
    found = exchange or a_market_exchange()
    settings: dict[str, object] = {"is_demo": is_demo, "latency_s": 0.0, "address_limit": _MANY} | plan
    server = RunningServer(found, SteppedClock(found.start_ms), ServerPlan("127.0.0.1", 0, **settings))  # type: ignore[arg-type]
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    server.wait_ready()
    try:
        yield server
    finally:
        server.stop(thread)
