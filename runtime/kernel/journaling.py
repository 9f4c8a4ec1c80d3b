"""The kernel's voice to its journal: every line is written under the clock reading it was seen at, told once."""

from typing import Any

from runtime.kernel.clock import KernelClock
from runtime.kernel.ports import JournalSink

__all__ = ["JournalTap"]


class JournalTap:
    """`sink` is where lines go, None without a journal; a driver may put another sink in its place."""

    def __init__(self, clock: KernelClock, sink: JournalSink | None) -> None:
        self.sink = sink
        self._clock = clock
        self._told_time = (0, 0)

    def tell(self, kind: str, payload: tuple[Any, ...]) -> None:
        """Write what came in, or a life sign, behind the clock reading that it is seen under."""
        if self.sink is not None:
            self.tell_time()
            self.sink.record(kind, self._clock.now, payload)

    def tell_time(self) -> None:
        """Write the clock reading, if it is a new one."""
        reading = (self._clock.now, self._clock.wall_offset_ns)
        if self.sink is not None and reading != self._told_time:
            self._told_time = reading
            self.sink.record("time", self._clock.now, reading)
