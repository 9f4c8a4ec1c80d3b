"""LiveBackend and DemoBackend over the local exchange's two listeners, in one Trio run on the exchange's own clock.

The clock stands still unless a test moves it, so no test waits for the market. `time_passes` lets it run in small steps
while something waits for a timer of the live stack: each step comes when every task is blocked.
"""

import json
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import attrs
import trio
from trio.testing import wait_all_tasks_blocked

from actors.app.backends import DemoBackend, LiveBackend
from actors.app.live.venues import LOCAL_KEYS, LiveVenue
from actors.app.settings import load_settings
from actors.bybit.endpoints import Environment
from actors.bybit.server.clock import SteppedClock
from actors.bybit.server.faults.assembly import FaultSetup
from actors.bybit.server.serve import ServerPlan, run_server
from actors.bybit.server.trading.accounts import AccountPlan
from actors.bybit.server.trading.exchange import LocalExchange
from tests.actors.builders import an_instrument
from tests.actors.bybit.server.markets import FLAT, START_MS, Row, an_exchange

__all__ = ["BACKENDS", "EPOCH_MS", "LiveRig", "a_live_rig", "listen", "move_on", "on_exchange_time", "time_passes"]

T = TypeVar("T")
BACKENDS: dict[str, type[LiveBackend]] = {"demo": DemoBackend, "live": LiveBackend}
EPOCH_MS = START_MS + 60_000
"""Open of the first bar that the tests look at; the stack starts in the quiet one before it."""
_STEP_MS = 20
_ROUNDS = 1_000
_LEAP_MS = 10_000  # half the time between two pings
_BOUND_S = 60
_CUSHION_S = 0.005  # of real time, in which threads and sockets may still say something
_ACCOUNT = AccountPlan(LOCAL_KEYS.key, LOCAL_KEYS.secret.reveal(), leverage=1)


def on_exchange_time(function: Callable[..., Awaitable[T]], *, clock: Any = None, instruments: Any = ()) -> T:
    """Runs a test on a clock that stands still."""
    return trio.run(function, clock=clock or SteppedClock(START_MS), instruments=instruments)


def the_clock() -> SteppedClock:
    """The clock of this test."""
    clock = trio.lowlevel.current_clock()
    assert isinstance(clock, SteppedClock)
    return clock


@asynccontextmanager
async def time_passes() -> AsyncIterator[None]:
    """Inside, the clock moves on whenever every task waits; bounded, so that a test that hangs fails."""
    async with trio.open_nursery() as nursery:
        nursery.start_soon(move_on, trio.CancelScope())
        yield
        nursery.cancel_scope.cancel()


async def move_on(until: trio.CancelScope) -> None:
    """Move the clock on in small steps, each when every task waits, until the scope is cancelled."""
    clock = the_clock()
    with until:
        for _ in range(_BOUND_S * 1000 // _STEP_MS):
            await wait_all_tasks_blocked(_CUSHION_S)
            clock.advance_to(clock.market_ms() + _STEP_MS)
        raise AssertionError(f"{_BOUND_S} s of the exchange's time, and it still waits")


@attrs.frozen
class LiveRig:
    """The backend, and the exchange behind it."""

    backend: LiveBackend
    exchange: LocalExchange
    clock: SteppedClock
    venue: LiveVenue

    def wall_ns(self) -> int:
        """The exchange's time."""
        return self.clock.wall_ms() * 1_000_000

    async def fault(self, **fault: Any) -> None:
        """Order a fault over the control route."""
        request = urllib.request.Request(f"http://{self.venue.address}/control/faults", json.dumps(fault).encode())
        await trio.to_thread.run_sync(lambda: urllib.request.urlopen(request, timeout=_BOUND_S).close())

    async def advance(self, ms: int) -> None:
        """Move the market on, and let everyone hear of it; in leaps in which no stream falls silent."""
        until_ms = self.clock.market_ms() + ms
        while self.clock.market_ms() < until_ms:
            self.clock.advance_to(min(until_ms, self.clock.market_ms() + _LEAP_MS))
            await self.settled()

    async def settled(self) -> None:
        """Until no task has anything left to do, and no socket or thread has said more meanwhile."""
        for _ in range(2):
            await wait_all_tasks_blocked(_CUSHION_S)

    async def heard(self, is_told: Callable[[], bool]) -> None:
        """Until the stream has told it: a frame may be on its way over the socket. No market time passes."""
        for _ in range(_ROUNDS):
            if is_told():
                return
            await wait_all_tasks_blocked(_CUSHION_S)


@asynccontextmanager
async def a_live_rig(profile: str, rows: Sequence[Row]) -> AsyncIterator[LiveRig]:
    """A fresh exchange and the backend of a profile over its listener, at EPOCH_MS."""
    clock = the_clock()
    exchange = an_exchange([FLAT, *rows], _ACCOUNT)
    instrument = an_instrument()
    settings = load_settings("local")
    async with trio.open_nursery() as nursery:
        main = await nursery.start(listen, exchange, clock, False)
        venue = LiveVenue(Environment.LOCAL, LOCAL_KEYS, main)
        if profile == "demo":  # an account tells one listener alone, the one that came last
            demo = await nursery.start(listen, exchange, clock, True)
            venue = LiveVenue(Environment.LOCAL, LOCAL_KEYS, demo, acts_as=Environment.DEMO, public_address=main)
        opening = trio.CancelScope()
        nursery.start_soon(move_on, opening)
        wall_ns = lambda: clock.wall_ms() * 1_000_000  # noqa: E731
        async with BACKENDS[profile].over(venue, settings, {"BTCUSDT": instrument}, wall_ns=wall_ns) as backend:
            opening.cancel()
            rig = LiveRig(backend, exchange, clock, venue)
            await rig.advance(EPOCH_MS - clock.market_ms())
            yield rig
            nursery.start_soon(move_on, trio.CancelScope())
        nursery.cancel_scope.cancel()


async def listen(
    exchange: LocalExchange,
    clock: SteppedClock,
    is_demo: bool,
    *,
    task_status: "trio.TaskStatus[str]" = trio.TASK_STATUS_IGNORED,
) -> None:
    """Serve an exchange on a free port, whose address the status is told."""
    async with trio.open_nursery() as nursery:
        plan = ServerPlan("127.0.0.1", 0, is_demo, 0.0, address_limit=1_000_000, faults=FaultSetup())
        bound = await nursery.start(run_server, plan, exchange, clock)
        task_status.started(bound[0].removeprefix("http://"))
