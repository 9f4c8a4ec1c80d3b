"""Effects on their way out: those that may leave, and those that wait until everything up to them is on disk."""

from collections import deque
from collections.abc import Mapping

from runtime.errors import ActorError
from runtime.kernel.cell import Cell
from runtime.kernel.clock import KernelClock
from runtime.kernel.journaling import JournalTap
from runtime.kernel.operations import RequestEffect
from runtime.kernel.ports import Effect, Port

__all__ = ["Outbox"]

_MOST = 100_000


class Outbox:
    """`ready` and `held` are in the order the effects were asked for; a driver takes what is ready."""

    def __init__(self, clock: KernelClock, journal: JournalTap, ports: Mapping[str, Port]) -> None:
        self.ports = dict(ports)
        self.ready: deque[Effect] = deque()
        self.held: deque[Effect] = deque()
        self._clock = clock
        self._journal = journal

    def check_room(self, cell: Cell, port: str) -> None:
        """ActorError where too many effects wait already."""
        if len(self.ready) + len(self.held) >= _MOST:
            raise ActorError(f"{cell.ref} uses port {port!r}, and {_MOST} effects wait already")

    def release(self, asked: RequestEffect) -> None:
        """A handler has returned: record its request, and let it leave or hold it."""
        cell, port, sink = asked.cell, self.ports[asked.port], self._journal.sink
        sequence = 0
        if sink is not None:
            payload = (cell.ref, cell.incarnation, asked.correlation, asked.port, asked.request)
            sequence = sink.record("effect", self._clock.now, payload)
        must_wait = sink is not None and port.is_durable_first
        effect = Effect(cell.ref, cell.incarnation, asked.correlation, asked.port, asked.request, sequence)
        (self.held if must_wait else self.ready).append(effect)

    def durable(self, sequence: int) -> None:
        """Everything recorded up to `sequence` is on disk: what waited for it may leave."""
        while self.held and self.held[0].sequence <= sequence:
            self.ready.append(self.held.popleft())
