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
        self._told_time = (0, 0)

    def tell(self, kind: str, payload: tuple[Any, ...]) -> None:
        """Write an input or a life sign, after the current clock reading."""
        if self.sink is not None:
            self.tell_time()
            self.sink.record(kind, self._clock.now, payload)

    def tell_time(self) -> None:
        """Write the clock reading if it has changed."""
        reading = (self._clock.now, self._clock.wall_offset_ns)
        if self.sink is not None and reading != self._told_time:
            self._told_time = reading
            self.sink.record("time", self._clock.now, reading)
