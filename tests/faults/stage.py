"""The whole live stack against the local exchange in rehearsed time: nothing sleeps, and no speed of a machine counts.

The exchange runs in a thread of its own behind real sockets; pybit, codecs, actors and edges are those of `coldframe
run`. A scene orders faults over the control route at moments that it names, and lets time go on. At each point at which
time stands still a watch compares the exchange with what must always hold.
"""

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import trio

from actors.app.exchanges.bybit import BybitPolicies
from actors.app.exchanges.ports import PRIVATE_PORT, PUBLIC_PORT, STATUS_PORT, TRADE_PORT
from actors.app.live.house import live_kernel
from actors.app.live.log_lines import line_of
from actors.app.live.planning import plan_of
from actors.app.live.preflight import preflight
from actors.app.live.venues import LOCAL_KEYS, LiveVenue
from actors.app.rehearsal.clock import RehearsalClock
from actors.app.rehearsal.edges import DelayedRest
from actors.app.rehearsal.exchange_process import ExchangeControl
from actors.app.rehearsal.rehearsing import socket_lane
from actors.app.rehearsal.stepping import RehearsalStepper
from actors.app.settings import ConnectionSettings, load_settings
from actors.bybit.endpoints import Environment
from actors.bybit.server.faults.assembly import FaultSetup
from actors.bybit.server.market.listing import Listing
from actors.bybit.server.trading.exchange import LocalExchange
from actors.bybit.topics import Socket
from actors.gateway.messages import READ_PORT, WRITE_PORT
from actors.model.backend import OrderQuery, SubmitOrder
from actors.model.fixed import Money
from actors.model.instrument import Instrument
from actors.model.order import Category
from actors.orders.messages import FillBooked, NeverArrived, OrderUpdated
from actors.simulator.config import VenueConfig
from ideacards.feeds import Bars
from ideacards.loader import load_card
from runtime.drivers.live import LiveDriver
from tests.actors.builders import an_instrument
from tests.actors.bybit.server.markets import MINUTE_MS, START_MS, Row
from tests.actors.bybit.server.running import RunningServer, running
from tests.faults.scripts import Script, program_of
from tests.faults.watching import Truth, Watch

__all__ = ["Stage", "play"]

CARD = Path(__file__).with_name("stage.yaml")
HISTORY = 30
LONGEST_S = 60.0  # of real time
_COUNTED = (OrderQuery, NeverArrived)  # beside what is logged


@attrs.define(eq=False)
class Stage:
    """What a scene has at hand; times are virtual."""

    server: RunningServer
    control: ExchangeControl
    driver: LiveDriver
    stepper: RehearsalStepper
    watch: Watch
    instruments: Mapping[str, Instrument]

    @property
    def now_ms(self) -> int:
        """Of the market, since its start."""
        return self.server.clock.market_ms() - START_MS

    @property
    def truth(self) -> Truth:
        """The exchange as it is."""
        return self.watch.truth

    def fault(self, kind: str, **fields: Any) -> int:
        """Order a fault, now unless it names its time; its number."""
        answer = json.loads(self.control.asked("/control/faults", {"kind": kind, **fields}))
        return int(answer["numbers"][0])

    def happened(self, number: int) -> int:
        """How often a fault has happened."""
        shown = json.loads(self.control.asked("/control/faults"))
        (row,) = [row for row in (*shown["active"], *shown["ended"]) if row["number"] == number]
        return int(row["happened"])

    def connections(self) -> list[str]:
        """The sockets that are open at the exchange, by kind."""
        shown = json.loads(self.control.asked("/control/state"))
        return sorted(each["socket"] for each in shown["connections"])

    async def until(self, done: Callable[[], object], within_ms: int, what: str) -> int:
        """Let time go on until something is so; how long that took. AssertionError after `within_ms`."""
        begun_ms = self.now_ms
        await self._settle()
        while not done():
            left_ms = within_ms - (self.now_ms - begun_ms)
            assert left_ms > 0, f"not within {within_ms} ms: {what}; {self.story()}"
            await self.stepper.advance(left_ms)
            await self._settle()
        return self.now_ms - begun_ms

    async def until_bar(self, number: int) -> None:
        """Until so many bars have closed, and all that follows from it at that instant is done."""
        close_ms = number * MINUTE_MS
        await self.until(lambda: self.now_ms > close_ms, close_ms + 1, f"the close of bar {number}")

    async def pass_ms(self, by_ms: int) -> None:
        """Let so much time go by."""
        end_ms = self.now_ms + by_ms
        await self.until(lambda: self.now_ms >= end_ms, by_ms + 1, "time goes by")

    async def until_equal(self, within_ms: int) -> int:
        """Until our books and the exchange's have the same executions and position, with an order of ours or none."""
        return await self.until(self._is_equal, within_ms, "books equal to the exchange's")

    def _is_equal(self) -> bool:
        return self.booked_ids == self.truth.exec_ids and self.booked_qty == self.truth.qty

    async def _settle(self) -> None:
        await self.stepper.settle()
        outcome = self.driver.kernel.life.outcome
        assert outcome is None, f"the stack has ended: {outcome}"
        self.watch.look(self.now_ms)

    # -- what the stack has done --------------------------------------------------------------------------------------

    def noted(self, kind: type) -> list[Any]:
        """Recorded messages of a class, in their order."""
        return [record.message for record in self.driver.kernel.recorder.stream if type(record.message) is kind]

    @property
    def booked_ids(self) -> list[str]:
        """Executions that are in our books, as they were booked."""
        return [told.fill.exec_id for told in self.noted(FillBooked)]

    @property
    def booked_qty(self) -> int:
        """The net position that they add up to."""
        return sum(told.fill.side * told.fill.traded_qty for told in self.noted(FillBooked))

    @property
    def sent_ids(self) -> list[str]:
        """Our ids of orders, each time that one was handed to the gateway."""
        return [told.request.link_id for told in self.noted(SubmitOrder)]

    def statuses(self) -> dict[str, str]:
        """The newest status of each order, by our id."""
        return {told.order.request.link_id: told.order.status.name for told in self.noted(OrderUpdated)}

    def log(self) -> str:
        """What the run logs, a line for each event."""
        stream = self.driver.kernel.recorder.stream
        lines = (line_of(record, self.instruments) for record in stream)
        return "\n".join(line.text for line in lines if line is not None)

    def story(self) -> str:
        """For a test that fails."""
        return f"at {self.now_ms} ms: booked {self.booked_qty}, exchange {self.truth}, {self.statuses()}"


def play(
    scene: Callable[[Stage], Awaitable[None]],
    script: Script,
    rows: Sequence[Row],
    *,
    volumes: dict[int, float] | None = None,
    ahead_ms: int = 0,
    reconcile_s: int = 60,
    has_trade_socket: bool = False,
) -> None:
    """Play a scene; `volumes` by bar number bound what can fill in a bar, `ahead_ms` sets the server's clock ahead.

    `reconcile_s` is the reconciler's interval. With `has_trade_socket` orders go over that socket, else by REST.
    """
    exchange = _exchange(rows, volumes or {})
    with running(exchange, faults=FaultSetup(), address_limit=600) as server, _control(server.address) as control:
        server.clock.step_wall(ahead_ms)
        clock = RehearsalClock(START_MS)
        trio.run(_played, scene, script, server, control, clock, reconcile_s, has_trade_socket, clock=clock)


@contextmanager
def _control(address: str) -> Iterator[ExchangeControl]:
    control = ExchangeControl(address)
    try:
        yield control
    finally:
        control.close()


async def _played(
    scene: Callable[[Stage], Awaitable[None]],
    script: Script,
    server: RunningServer,
    control: ExchangeControl,
    clock: RehearsalClock,
    reconcile_s: int,
    has_trade_socket: bool,
) -> None:
    card = load_card(CARD)
    settings = load_settings("local")
    settings = attrs.evolve(
        settings,
        connection=ConnectionSettings(history_bars=HISTORY - 5),
        intervals=attrs.evolve(settings.intervals, reconcile_s=reconcile_s),
    )
    venue = LiveVenue(Environment.LOCAL, LOCAL_KEYS, control.address)
    found = await preflight(venue, {card.market.symbol: int(card.account.leverage)}, lambda: clock.wall_ms)
    plan = plan_of((card,), settings, found, has_trade_socket=has_trade_socket)
    plan = attrs.evolve(plan, policies=BybitPolicies())
    kernel = live_kernel(plan, program=program_of(script))
    kernel.recorder.classes.update(dict.fromkeys(_COUNTED))
    rest = DelayedRest(venue.rest().serve, 0, 0)
    private, public, trade, status = (
        socket_lane(venue, kind, 0) for kind in (Socket.PRIVATE, Socket.PUBLIC_LINEAR, Socket.TRADE, Socket.STATUS)
    )
    edges: dict[str, Any] = {
        READ_PORT: rest, WRITE_PORT: rest, PUBLIC_PORT: public.edge, PRIVATE_PORT: private.edge, TRADE_PORT: trade.edge,
        STATUS_PORT: status.edge,
    }  # fmt: skip
    driver = LiveDriver(kernel, edges, wall_ns=lambda: clock.wall_ns)
    stepper = RehearsalStepper(
        clock, control, driver, rest, (private, public, trade, status), MINUTE_MS, lambda _: None, has_faults=True
    )  # fmt: skip
    stage = Stage(server, control, driver, stepper, Watch(server), plan.instruments)
    failures: list[AssertionError] = []
    async with trio.open_nursery() as nursery:
        nursery.start_soon(driver.run)
        try:
            await stage.until(lambda: kernel.life.has_been_up, 10_000, "the stack is up")
            await scene(stage)
            stage.watch.check()
        except AssertionError as error:
            failures.append(error)
        if kernel.life.outcome is None:
            driver.stop("the scene is over")
            await stepper.end()
        nursery.cancel_scope.cancel()
    for failure in failures:
        raise failure  # as it is, and not in a group


def _exchange(rows: Sequence[Row], volumes: dict[int, float]) -> LocalExchange:
    """BTCUSDT alone over the rows, after flat bars; orders meet the bars at their prices."""
    table = np.array([(rows[0][0],) * 4] * HISTORY + list(rows), dtype=np.float64)
    cents = np.rint(table * 100).astype(np.int64)
    volume = np.full(len(table), 50.0)
    for number, most in volumes.items():
        volume[HISTORY + number - 1] = most
    prices = dict(zip(("open", "high", "low", "close"), cents.T, strict=True))
    times = START_MS + MINUTE_MS * np.arange(-HISTORY, len(rows))
    bars = Bars.of_columns("BTCUSDT", MINUTE_MS, 2, times, prices, volume)
    matching = VenueConfig(
        path="nearest_extreme", limit_fill_ticks=0, drift_ticks_per_second=0, volume_share=(1, 1), leverage=5,
        start_equity=Money(1),
    )  # fmt: skip
    listing = Listing(Category.LINEAR, an_instrument(max_leverage=50), bars, HISTORY, 1, is_plain=True)
    return LocalExchange([listing], START_MS, matching=matching)
