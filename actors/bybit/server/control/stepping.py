"""Time on command: the clock moves by a bar once every registered client has said that it is quiescent.

A client registers by name and answers `quiescent` with the number of the present step when it has nothing left to do.
A step performs the market's events in their order, each at its time, and gives every task its turn at each of them; so
what streams push of an event has left before the next one happens. Between events the clock does not stop: a book or
ticker stream shows the market at those moments alone. Without an answer in time a step is refused and nothing moves.
"""

import threading

import numpy as np
import trio
import trio.testing

from actors.bybit.server.clock import ExchangeClock, SteppedClock
from actors.bybit.server.faults.desk import FaultDesk
from actors.bybit.server.trading.exchange import LocalExchange

__all__ = ["ClockStepper", "StepRefused"]

_MAX_CLIENTS = 100


class StepRefused(Exception):
    """Nothing has moved; the text says why."""


class ClockStepper:
    """`number` counts the steps that have been made; a client answers for the step that is now."""

    def __init__(self, exchange: LocalExchange, clock: ExchangeClock, desk: FaultDesk) -> None:
        self._exchange = exchange
        self._clock = clock
        self._desk = desk
        self.number = 0
        self.answered: dict[str, int] = {}  # by client: the step it was quiescent at last, -1 for none
        self._all_answered = threading.Event()
        self._next_step = trio.Event()
        self._is_moving = False

    # -- clients ------------------------------------------------------------------------------------------------------

    def register(self, name: str) -> None:
        """Steps wait for this client from now on. Raises StepRefused for a name that is taken."""
        if name in self.answered:
            raise StepRefused(f"{name!r} is registered already")
        if len(self.answered) >= _MAX_CLIENTS:
            raise StepRefused(f"more than {_MAX_CLIENTS} clients")
        self.answered[name] = -1

    def leave(self, name: str) -> None:
        """Steps wait for it no longer. Raises StepRefused for a name that is not registered."""
        self._known(name)
        del self.answered[name]
        self._tell_if_all()

    def quiescent(self, name: str, step: int) -> None:
        """A client has nothing left to do at a step. Raises StepRefused: unknown, or for another step than this."""
        self._known(name)
        if step != self.number:
            raise StepRefused(f"step {step} is not the present one, which is {self.number}")
        self.answered[name] = step
        self._tell_if_all()

    async def next_step(self) -> None:
        """Return when the next step has been made."""
        await self._next_step.wait()

    def waiting_for(self) -> list[str]:
        """The clients that have not answered for the present step."""
        return [name for name, step in self.answered.items() if step != self.number]

    def _known(self, name: str) -> None:
        if name not in self.answered:
            raise StepRefused(f"{name!r} is not registered; POST /control/clients registers")

    def _tell_if_all(self) -> None:
        if not self.waiting_for():
            self._all_answered.set()

    # -- steps --------------------------------------------------------------------------------------------------------

    async def step(self, bars: int | None, until_ms: int | None, timeout_ms: int) -> None:
        """Move to the close of so many bars, or to a market time (UTC ms), once all clients are quiescent.

        `timeout_ms` is of real time, because no other goes on. Raises StepRefused.
        """
        clock = self._clock
        if not isinstance(clock, SteppedClock):
            raise StepRefused("the clock runs by itself: a step needs an exchange that is started with --stepped")
        if self._is_moving:
            raise StepRefused("another step is under way")
        target_ms = self._close_of(bars or 1) if until_ms is None else until_ms
        if target_ms < clock.market_ms():
            raise StepRefused(f"until_ms: {target_ms} has passed: it is {clock.market_ms()}")
        self._is_moving = True
        try:
            await self._all_quiescent(timeout_ms)
            await self._move(clock, target_ms)
        finally:
            self._is_moving = False
        self.number += 1
        self._next_step.set()
        self._next_step = trio.Event()

    async def _all_quiescent(self, timeout_ms: int) -> None:
        if self.waiting_for() and timeout_ms:
            self._all_answered = threading.Event()
            wait = self._all_answered.wait
            await trio.to_thread.run_sync(wait, timeout_ms / 1000, abandon_on_cancel=True)
        if late := self.waiting_for():
            raise StepRefused(f"not quiescent at step {self.number}: {', '.join(late)}; nothing has moved")

    async def _move(self, clock: SteppedClock, target_ms: int) -> None:
        await trio.testing.wait_all_tasks_blocked()
        while clock.market_ms() < target_ms:
            now_ms = clock.market_ms()
            times = (self._exchange.next_event_ms(), self._desk.next_ms(), target_ms)
            clock.advance_to(min(time for time in times if time is not None and time > now_ms))
            self._exchange.advance_to(clock.market_ms())
            self._desk.perform_due()
            await trio.testing.wait_all_tasks_blocked()

    def _close_of(self, bars: int) -> int:
        """When so many bars of the fastest symbol will have closed."""
        listing = min(self._exchange.listings.values(), key=lambda each: each.bars.timeframe_ms)
        closes = listing.bars.ts_close
        index = int(np.searchsorted(closes, self._clock.market_ms(), side="right")) + bars - 1
        if index >= len(closes):
            raise StepRefused(f"bars: only {len(closes) - (index - bars + 1)} bars of {listing.symbol} are left")
        return int(closes[index])
