"""The edge that logs: it reads what the kernel has recorded since it last looked, and writes it with loguru.

loguru is told not to show variables of a traceback (`diagnose`), for these may hold a key.
"""

import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TextIO

import trio
from loguru import logger

from actors.app.live.log_lines import LogLevel, LogLine, line_of, tree_line
from actors.model.instrument import Instrument
from runtime.kernel.history import TreeEvent
from runtime.kernel.kernel import Kernel
from runtime.kernel.recorder import Record
from runtime.messages import Cause

if TYPE_CHECKING:
    from loguru import Logger

__all__ = ["LogTail", "open_log_sink"]

_FORMAT = "{extra[at]} {level: <8} {message}"


class LogTail:
    """Everything that `kernel` has recorded, line by line, each once; `drain` between two turns of the kernel.

    With `keep` the record is cut to its newest entries once they are logged, so that a run of weeks stays bounded; a
    digest of the whole run is then not to be had.
    """

    def __init__(self, kernel: Kernel, instruments: Mapping[str, Instrument], keep: int | None = None) -> None:
        self._kernel = kernel
        self._instruments = instruments
        self._keep = keep
        self._read = self._lost = 0
        self._last: TreeEvent | None = None

    def lines(self) -> Iterator[tuple[int, LogLine]]:
        """New lines, oldest first, with the venue's time of each in ns since the UTC epoch."""
        found: list[tuple[int, LogLine]] = []
        for event in self._new_events():
            line = tree_line(event, self._cause_of(event))
            if line is not None:
                found.append((event.time_ns, line))
        recorder = self._kernel.recorder
        told: Record | None = None
        for record in (*recorder.stream[self._read :], *recorder.losses[self._lost :]):
            line = line_of(record, self._instruments) if record != told else None  # one message to several actors
            told = record
            if line is not None:
                found.append((record.time_ns, line))
        self._read, self._lost = len(recorder.stream), len(recorder.losses)
        self._cut()
        offset_ns = self._kernel.clock.wall_offset_ns
        for time_ns, line in sorted(found, key=lambda entry: entry[0]):
            yield time_ns + offset_ns, line

    def drain(self, to: "Logger") -> int:
        """Log what is new; returns how many lines."""
        count = 0
        for wall_ns, line in self.lines():
            at = datetime.fromtimestamp(wall_ns // 10**6 / 1000, UTC).isoformat(timespec="milliseconds")
            to.bind(at=at, event=line.event, **line.fields).log(line.level.value, "{}", line.text)
            count += 1
        return count

    async def serve(self, to: "Logger", every_s: float = 0.2) -> None:
        """Log until cancelled, and then what is left."""
        try:
            while True:
                self.drain(to)
                await trio.sleep(every_s)
        finally:
            self.drain(to)

    def _new_events(self) -> list[TreeEvent]:
        events = self._kernel.life.events
        new: list[TreeEvent] = []
        for event in reversed(events):
            if event is self._last:
                break
            new.append(event)
        if events:
            self._last = events[-1]
        return new[::-1]

    def _cause_of(self, event: TreeEvent) -> Cause | None:
        deaths = reversed(self._kernel.life.causes)
        who = (event.path, event.incarnation)
        return next((cause for cause in deaths if (cause.ref, cause.incarnation) == who), None)

    def _cut(self) -> None:
        stream = self._kernel.recorder.stream
        if self._keep is not None and len(stream) > 2 * self._keep:
            del stream[: len(stream) - self._keep]
            self._read = len(stream)


def open_log_sink(stream: TextIO | None = None, level: LogLevel = LogLevel.INFO, *, is_json: bool = False) -> "Logger":
    """loguru, writing to `stream` (default: stderr) alone: a line of text for each event, or of JSON."""
    logger.remove()
    logger.configure(extra={"at": ""})
    logger.add(
        stream or sys.stderr, level=level.value, format=_FORMAT, serialize=is_json, backtrace=False, diagnose=False
    )
    return logger
