"""Drives a rehearsal: lets the live stack do all that it can do now, then lets the market go on, and so to its end."""

from collections.abc import Callable

import attrs
import trio
import trio.testing

from actors.app.rehearsal.clock import RehearsalClock
from actors.app.rehearsal.edges import DelayedRest, DelayedSocket, Gate
from actors.app.rehearsal.exchange_process import ExchangeControl, MarketStep
from actors.bybit.edges.traffic import WireTraffic
from runtime.drivers.live import LiveDriver

__all__ = ["RehearsalStepper", "SocketTraffic"]

_NS_PER_MS = 1_000_000
_GLANCE_S = 0.0005  # of real time: how long nothing must happen before it is looked again
_LOST_GLANCES = 4_000  # then a frame that was told is taken for lost with its connection


@attrs.frozen(eq=False)
class SocketTraffic:
    """Frames of both sockets."""

    public: WireTraffic = attrs.field(factory=WireTraffic)
    private: WireTraffic = attrs.field(factory=WireTraffic)

    @property
    def sent(self) -> int:
        """By us."""
        return self.public.sent + self.private.sent

    @property
    def received(self) -> int:
        """From the exchange."""
        return self.public.received + self.private.received


@attrs.define(eq=False)
class RehearsalStepper:
    """`sockets` counts the frames; `private` and `public` let them through. `bar_ms` is the length of the bars."""

    clock: RehearsalClock
    control: ExchangeControl
    driver: LiveDriver
    rest: DelayedRest
    edges: tuple[DelayedSocket, ...]
    sockets: SocketTraffic
    private: Gate
    public: Gate
    bar_ms: int
    on_time: Callable[[int], None]
    lost: int = 0  # frames that never came
    _told: int = 0

    async def run(self) -> None:
        """To the end of the market, or of the tree."""
        step: MarketStep | None = None
        while True:
            await self._settle()
            if self.driver.kernel.life.outcome is not None or (step is not None and step.is_over):
                return
            step = await self._advance()

    async def end(self) -> None:
        """After the tree was told to stop: let it end, in time of its own where it waits for any."""
        self.private.open()
        self.public.open()
        while self.driver.kernel.life.outcome is None:
            await trio.testing.wait_all_tasks_blocked(_GLANCE_S)
            due_s = trio.lowlevel.current_statistics().seconds_to_next_deadline
            if not self.rest.in_flight and due_s != float("inf"):
                self.clock.advance_to(self.clock.wall_ns_of(trio.current_time() + due_s))

    async def _advance(self) -> MarketStep:
        """Let the market go on to what is due next: a timer of ours, or what it does itself."""
        due_s = trio.lowlevel.current_statistics().seconds_to_next_deadline
        due_ns = None if due_s == float("inf") else self.clock.wall_ns_of(trio.current_time() + due_s)
        until_ms = None if due_ns is None else due_ns // _NS_PER_MS
        self.private.close()
        self.public.close()
        step = await trio.to_thread.run_sync(
            self.control.advance, until_ms, self.sockets.sent, self.sockets.received + self.lost
        )
        self._told = step.told
        self.clock.advance_to(step.market_ms * _NS_PER_MS)
        if due_ns is not None and step.market_ms == until_ms:
            self.clock.advance_to(due_ns)
        self.private.open()
        if step.is_closed or step.market_ms % self.bar_ms:
            self.public.open()
        self.on_time(step.market_ms)
        return step

    async def _settle(self) -> None:
        """Until nothing of ours can happen without time: no task runs, no request or frame is under way."""
        glances = 0
        while True:
            await trio.testing.wait_all_tasks_blocked()
            if self.rest.in_flight:
                await self.rest.landed()
            elif self.driver.kernel.held_effects or any(edge.is_connecting for edge in self.edges):
                await trio.testing.wait_all_tasks_blocked(_GLANCE_S)  # on the journal, or on a connection
            elif self.sockets.received + self.lost < self._told:
                glances += 1
                if glances > _LOST_GLANCES:
                    self.lost = self._told - self.sockets.received
                await trio.testing.wait_all_tasks_blocked(_GLANCE_S)
            else:
                return
