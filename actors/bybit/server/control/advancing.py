"""Time by events: the market performs one event after the other until a client has something to react to.

A rehearsal drives a client through it. The client says how many frames it has sent; the exchange first hears them all,
then lets the market go on, and stops where anything was told, a bar has closed or a fault has had its moment. So a
client that reacts at once acts at that very moment of the market, before whatever the market does next.

Frames are counted by kind of socket. What a client said on a connection that has ended is never heard: it is not waited
for.
"""

import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

import trio
import trio.testing

from actors.bybit.server.clock import ExchangeClock, SteppedClock
from actors.bybit.server.control.stepping import StepRefused
from actors.bybit.server.faults.desk import FaultDesk
from actors.bybit.server.sockets.counts import FrameCounts
from actors.bybit.server.trading.exchange import LocalExchange

__all__ = ["Advanced", "EventAdvancer"]

_HEAR_S = 2.0  # of real time, for frames that are under way
_POLL_S = 0.001


class Advanced(dict[str, Any]):
    """The answer: `market_ms`, `told` frames so far, whether a bar has closed, whether the market is over."""


class EventAdvancer:
    """Holds the exchange: from the first call on, events of an instant come after its requests."""

    def __init__(self, exchange: LocalExchange, clock: ExchangeClock, desk: FaultDesk, traffic: FrameCounts) -> None:
        self._exchange = exchange
        self._clock = clock
        self._desk = desk
        self._traffic = traffic
        self._lost: Counter[str] = Counter()  # frames that ended with their connection
        self._is_busy = False

    async def advance(self, until_ms: int | None, heard: Mapping[str, int], told: Mapping[str, int] | None) -> Advanced:
        """Let time go on to `until_ms` at most; without it to the next event. Raises StepRefused.

        `heard` frames are those that all clients have sent, `told` those that they have received or know to be lost. If
        more were told, nothing moves: they are to be read first. None: whatever was told.
        """
        clock = self._clock
        if not isinstance(clock, SteppedClock):
            raise StepRefused("the clock runs by itself: this needs an exchange that is started with --stepped")
        if self._is_busy:
            raise StepRefused("another step is under way")
        self._is_busy = True
        try:
            self._exchange.hold()
            await self._hear(heard)
            await trio.testing.wait_all_tasks_blocked()
            is_closed = False
            if told is None or all(count <= told.get(kind, 0) for kind, count in self._traffic.told.items()):
                is_closed = await self._move(clock, until_ms)
        finally:
            self._is_busy = False
        return Advanced(
            market_ms=clock.market_ms(),
            told=dict(self._traffic.told),
            is_closed=is_closed,
            is_over=self._exchange.next_event_ms() is None,
        )

    async def _hear(self, sent: Mapping[str, int]) -> None:
        """Wait for frames that are on their way; what a broken connection has lost never comes."""
        if self._is_under_way(sent):
            await trio.to_thread.run_sync(self._poll, sent, abandon_on_cancel=True)
        for kind in sent:
            self._lost[kind] += max(0, self._missing(sent, kind))

    def _missing(self, sent: Mapping[str, int], kind: str) -> int:
        return sent[kind] - self._traffic.heard[kind] - self._lost[kind]

    def _is_under_way(self, sent: Mapping[str, int]) -> bool:
        return any(self._missing(sent, kind) > 0 and self._traffic.open[kind] for kind in sent)

    def _poll(self, sent: Mapping[str, int]) -> None:
        """In a thread, because the exchange's own time stands still."""
        ends = time.monotonic() + _HEAR_S
        while self._is_under_way(sent) and time.monotonic() < ends:
            time.sleep(_POLL_S)

    async def _move(self, clock: SteppedClock, until_ms: int | None) -> bool:
        """One event after the other; ends when something was told, a bar has closed, or the time is reached.

        A fault's moment ends it too: it may have let an answer go.
        """
        told = self._traffic.told.total()
        while True:
            event_ms, fault_ms = self._exchange.next_event_ms(), self._desk.next_ms()
            times = [time_ms for time_ms in (event_ms, fault_ms) if time_ms is not None]
            next_ms = min(times, default=None)
            if next_ms is None or (until_ms is not None and next_ms >= until_ms):
                if until_ms is not None:
                    clock.advance_to(max(until_ms, clock.market_ms()))
                    self._desk.perform_due()
                    await trio.testing.wait_all_tasks_blocked()
                return False
            clock.advance_to(max(next_ms, clock.market_ms()))
            is_closed = event_ms == next_ms and self._exchange.perform_next()
            self._desk.perform_due()
            await trio.testing.wait_all_tasks_blocked()
            if is_closed or self._traffic.told.total() > told or fault_ms == next_ms:
                return is_closed
