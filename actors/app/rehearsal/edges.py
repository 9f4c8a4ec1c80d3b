"""Edges of a rehearsal: the live ones, with the simulator's latencies before and behind them in the rehearsal's time.

A request waits its entry latency, is then sent for real, and its answer waits its response latency. Frames wait for
the clock, which learns the time of a step after its frames have come, and then theirs, in their order. Public frames of
the instant of a close are held until the exchange has closed the bar: what it did before comes first, as in the
simulator.
"""

import itertools
from collections.abc import Awaitable, Callable
from typing import Any

import trio

from actors.model.streams import OpenSocket, SocketConnected
from runtime.drivers.live_tasks import Edge

__all__ = ["DelayedRest", "DelayedSocket", "Gate"]

Emit = Callable[[Any], Awaitable[None]]
_NS_PER_S = 1_000_000_000


class Gate:
    """Open, or closed for a while."""

    def __init__(self) -> None:
        self._opened = trio.Event()
        self._opened.set()

    def close(self) -> None:
        """Whoever passes waits from now on."""
        if self._opened.is_set():
            self._opened = trio.Event()

    def open(self) -> None:
        """Let all pass."""
        self._opened.set()

    async def passed(self) -> None:
        """Return once it is open."""
        await self._opened.wait()


class DelayedRest:
    """The REST edge with latencies; `calls` are those that are really under way, by number."""

    def __init__(self, serve: Edge, entry_ns: int, response_ns: int) -> None:
        self._serve = serve
        self._entry_s, self._response_s = entry_ns / _NS_PER_S, response_ns / _NS_PER_S
        self.calls: dict[int, Any] = {}
        self._numbers = itertools.count()
        self._landed = trio.Event()

    @property
    def in_flight(self) -> int:
        """How many they are."""
        return len(self.calls)

    async def __call__(self, request: object, emit: Emit) -> None:
        """One request; its answer is emitted after all delays."""
        replies: list[Any] = []

        async def keep(reply: Any) -> None:
            replies.append(reply)

        if self._entry_s:
            await trio.sleep(self._entry_s)
        number = next(self._numbers)
        self.calls[number] = request
        try:
            await self._serve(request, keep)
        finally:
            del self.calls[number]
            if not self.in_flight:
                self._landed.set()
                self._landed = trio.Event()
        if self._response_s:
            await trio.sleep(self._response_s)
        for reply in replies:
            await emit(reply)

    async def landed(self) -> None:
        """Return when no request is under way."""
        while self.in_flight:
            await self._landed.wait()


class DelayedSocket:
    """A socket edge whose frames come through `gate`, and `latency_ns` later."""

    def __init__(self, edge: Edge, latency_ns: int, gate: Gate) -> None:
        self._edge = edge
        self._latency_s = latency_ns / _NS_PER_S
        self._gate = gate
        self.connecting = 0  # connections that are neither open nor refused yet
        self.open = 0

    async def __call__(self, request: object, emit: Emit) -> None:
        """Carry out one request; of a connection, everything that it says is delayed in its order."""
        if not isinstance(request, OpenSocket):
            await self._edge(request, emit)
            return
        came, arriving = trio.open_memory_channel[Any](float("inf"))
        passed, due = trio.open_memory_channel[tuple[float, Any]](float("inf"))

        is_open = is_connecting = False

        async def later(message: Any) -> None:
            nonlocal is_open, is_connecting
            self.connecting -= is_connecting
            is_connecting = False
            if isinstance(message, SocketConnected):
                is_open = True
                self.open += 1
            came.send_nowait(message)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._pass_gate, arriving, passed)
            nursery.start_soon(self._pass_on, due, emit)
            is_connecting = True
            self.connecting += 1
            async with came:
                try:
                    await self._edge(request, later)
                finally:
                    self.open -= is_open
                    self.connecting -= is_connecting

    async def _pass_gate(
        self, arriving: "trio.MemoryReceiveChannel[Any]", passed: "trio.MemorySendChannel[tuple[float, Any]]"
    ) -> None:
        """Stamp what comes through the gate with the time at which it is due."""
        async with passed:
            async for message in arriving:
                await self._gate.passed()
                passed.send_nowait((trio.current_time() + self._latency_s, message))

    async def _pass_on(self, due: "trio.MemoryReceiveChannel[tuple[float, Any]]", emit: Emit) -> None:
        async for due_s, message in due:
            if due_s > trio.current_time():
                await trio.sleep_until(due_s)
            await emit(message)
