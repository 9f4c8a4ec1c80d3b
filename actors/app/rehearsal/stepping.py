"""Drives a rehearsal: lets the live stack do all that it can do now, then lets the market go on, and so to its end.

Now is over when no task of ours can run, no request, frame or connection is under way, and the journal is written. A
request that a fault keeps waiting, and a frame that ended with its connection, are not waited for.
"""

from collections.abc import Callable

import attrs
import trio
import trio.testing

from actors.app.rehearsal.clock import RehearsalClock
from actors.app.rehearsal.edges import DelayedRest, DelayedSocket, Gate
from actors.app.rehearsal.exchange_process import ExchangeControl, MarketStep, WaitingCall
from actors.bybit.edges.traffic import WireTraffic
from actors.bybit.topics import Socket
from runtime.drivers.live import LiveDriver

__all__ = ["RehearsalStepper", "SocketLane"]

_NS_PER_MS = 1_000_000
_GLANCE_S = 0.0005  # of real time: how long nothing must happen before it is looked again
_ASK_GLANCES = 4  # then the exchange is asked which requests wait
_LOST_GLANCES = 4_000  # then a frame that was told is taken for lost, or a connection for hopeless


@attrs.define(eq=False)
class SocketLane:
    """One of our sockets: its edge, the gate that lets its frames through, and their count; `lost` never came."""

    kind: Socket
    edge: DelayedSocket
    gate: Gate
    traffic: WireTraffic
    lost: int = 0

    def is_behind(self, told: int) -> bool:
        """Whether frames that were told are under way; those of a connection that has ended are lost."""
        if not self.edge.open:
            self.lost = max(self.lost, told - self.traffic.received)
        return self.traffic.received + self.lost < told


@attrs.define(eq=False)
class RehearsalStepper:
    """`bar_ms` is the length of the bars; `has_faults`: requests may be kept waiting."""

    clock: RehearsalClock
    control: ExchangeControl
    driver: LiveDriver
    rest: DelayedRest
    lanes: tuple[SocketLane, ...]
    bar_ms: int
    on_time: Callable[[int], None]
    has_faults: bool = False
    _told: dict[str, int] = attrs.field(factory=dict)

    async def run(self) -> None:
        """To the end of the market, or of the tree."""
        step: MarketStep | None = None
        while True:
            await self.settle()
            if self.driver.kernel.life.outcome is not None or (step is not None and step.is_over):
                return
            step = await self.advance()

    async def end(self) -> None:
        """After the tree was told to stop: let it end, in time of its own where it waits for any."""
        for lane in self.lanes:
            lane.gate.open()
        while self.driver.kernel.life.outcome is None:
            await trio.testing.wait_all_tasks_blocked(_GLANCE_S)
            due_s = trio.lowlevel.current_statistics().seconds_to_next_deadline
            if due_s != float("inf") and not await self._requests_are_under_way():
                self.clock.advance_to(self.clock.wall_ns_of(trio.current_time() + due_s))

    async def advance(self, by_ms: int | None = None) -> MarketStep:
        """Let the market go on to what is due next: a timer of ours, what it does itself, or the end of `by_ms`."""
        due_s = trio.lowlevel.current_statistics().seconds_to_next_deadline
        due_ns = None if due_s == float("inf") else self.clock.wall_ns_of(trio.current_time() + due_s)
        if by_ms is not None:
            end_ns = self.clock.wall_ns + by_ms * _NS_PER_MS
            due_ns = end_ns if due_ns is None else min(end_ns, due_ns)
        until_ms = None if due_ns is None else due_ns // _NS_PER_MS
        for lane in self.lanes:
            lane.gate.close()
        sent = {str(lane.kind): lane.traffic.sent for lane in self.lanes}
        received = {str(lane.kind): lane.traffic.received + lane.lost for lane in self.lanes}
        step = await trio.to_thread.run_sync(self.control.advance, until_ms, sent, received)
        self._told = step.told
        self.clock.advance_to(step.market_ms * _NS_PER_MS)
        if due_ns is not None and step.market_ms == until_ms:
            self.clock.advance_to(due_ns)
        is_before_close = not step.is_closed and step.market_ms % self.bar_ms == 0
        for lane in self.lanes:
            if lane.kind is not Socket.PUBLIC_LINEAR or not is_before_close:
                lane.gate.open()
        self.on_time(step.market_ms)
        return step

    async def settle(self) -> None:
        """Until nothing of ours can happen without time."""
        glances = 0
        while True:
            await trio.testing.wait_all_tasks_blocked()
            seen = self._marks()
            if self.rest.in_flight and not self.has_faults:
                await self.rest.landed()
            elif self.driver.kernel.held_effects or await self._requests_are_under_way():
                await trio.testing.wait_all_tasks_blocked(_GLANCE_S)
            elif self._frames_are_under_way() and glances < _LOST_GLANCES:
                glances += 1
                await trio.testing.wait_all_tasks_blocked(_GLANCE_S)
            elif seen == self._marks():
                for lane in self.lanes:
                    lane.lost = max(lane.lost, self._told.get(lane.kind, 0) - lane.traffic.received)
                return

    def _marks(self) -> tuple[int, ...]:
        """They differ when anything has happened in between."""
        return self.driver.kernel.handled, *(lane.traffic.received for lane in self.lanes)

    def _frames_are_under_way(self) -> bool:
        behind = [lane.is_behind(self._told.get(lane.kind, 0)) for lane in self.lanes]
        return any(behind) or any(lane.edge.connecting for lane in self.lanes)

    async def _requests_are_under_way(self) -> bool:
        """Whether a request is out that the exchange does not keep waiting."""
        for _ in range(_ASK_GLANCES):
            if not self.rest.in_flight:
                return False
            await trio.testing.wait_all_tasks_blocked(_GLANCE_S)
        if not self.has_faults:
            return True
        waiting = await trio.to_thread.run_sync(self.control.waiting)
        if not self.rest.in_flight:
            return True  # what an answer that has come meanwhile leads to is still to be seen
        for sent in self.rest.calls.values():
            stamp = str(sent.timestamp_ms) if sent.call.is_signed else ""
            told = WaitingCall(sent.call.path, sent.call.payload, stamp)
            if told not in waiting:
                return True
            waiting.remove(told)
        return False
