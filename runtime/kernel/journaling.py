"""Writes the kernel's records to its journal, each after the clock reading under which it happened."""

from typing import Any

from runtime.kernel.clock import KernelClock
from runtime.kernel.ports import JournalSink

__all__ = ["JournalTap"]


class JournalTap:
    """`sink` receives the records, None without a journal; a driver may replace it."""

    def __init__(self, clock: KernelClock, sink: JournalSink | None) -> None:
        self.sink = sink
        self._clock = clock
        self._told_ns = 0

    def tell(self, kind: str, payload: tuple[Any, ...]) -> None:
        """Write an input or a life sign, after the current clock reading."""
        if self.sink is not None:
            self.tell_time()
            self.sink.record(kind, self._clock.now, payload)

    def tell_time(self) -> None:
        """Write the clock reading if time has gone on.

        A change of the wall clock's offset alone is no reading: it has a record of its own, and a correction may stand
        in the middle of a handler, where a replay can take no input.
        """
        if self.sink is not None and self._clock.now != self._told_ns:
            self._told_ns = self._clock.now
            self.sink.record("time", self._clock.now, (self._clock.now, self._clock.wall_offset_ns))
