"""The journal's writer: group commit in a thread, while the pump continues.

Everything recorded since the last write is one group: one write, one sync. When it is on disk, the effects that waited
for it leave. A failed write ends the run: the log accepts no more, and nothing that waits for it may leave. Records of
the orderly stop that follows are dropped and counted.
"""

import time
from collections.abc import Callable
from typing import Any, Protocol

import trio

from runtime.edges.pulse import Pulse
from runtime.kernel.ports import JournalSink

__all__ = ["FailSafeSink", "JournalWriter", "WriterStore"]

_NEVER_DURABLE = (1 << 63) - 1


class WriterStore(Protocol):
    """The part of an append log that its writer uses."""

    def take_batch(self) -> Any:
        """The pending records, or None."""

    def write(self, batch: Any) -> int:
        """Write and sync in any thread; returns the last sequence on disk."""


class FailSafeSink:
    """A kernel's sink whose failures never reach the kernel.

    `failed(error)` is called for the first failure; from then on every record is dropped and counted in `lost`. An
    effect that waits for such a record never leaves.
    """

    def __init__(self, sink: JournalSink, failed: Callable[[BaseException], None]) -> None:
        self._sink = sink
        self._failed = failed
        self._is_dead = False
        self.lost = 0

    def close(self) -> None:
        """Drop every record from now on: the log has failed."""
        self._is_dead = True

    def record(self, kind: str, now_ns: int, payload: tuple[Any, ...]) -> int:
        """Append a record; returns its sequence, or for a dropped record one that no write ever reaches."""
        if not self._is_dead:
            try:
                return self._sink.record(kind, now_ns, payload)
            except Exception as error:
                self._is_dead = True
                self._failed(error)
        self.lost += 1
        return _NEVER_DURABLE


class JournalWriter:
    """Calls `durable(sequence)` after every group, and `failed(error)` once, after which it writes no more."""

    def __init__(
        self,
        store: WriterStore,
        durable: Callable[[int], None],
        failed: Callable[[BaseException], None],
        pulse: Pulse | None,
    ) -> None:
        self._store = store
        self._durable = durable
        self._failed = failed
        self._pulse = pulse
        self._wanted = trio.Event()
        self._finished = trio.Event()
        self._is_finishing = False
        self._is_dead = False

    def wake(self) -> None:
        """Wake the writer: there may be something to write."""
        self._wanted.set()

    async def run(self) -> None:
        """Write groups until told to finish."""
        while not self._is_dead:
            await self._wanted.wait()
            self._wanted = trio.Event()
            has_written = await self._write()
            if self._is_finishing and not has_written:
                break
            if has_written:
                self._wanted.set()
        self._finished.set()

    async def finish(self) -> None:
        """Write what is left, then end `run`."""
        self._is_finishing = True
        self._wanted.set()
        await self._finished.wait()

    async def _write(self) -> bool:
        try:
            batch = self._store.take_batch()
            if batch is None:
                return False
            if self._pulse is not None:
                self._pulse.writing_since = time.monotonic()
            sequence = await trio.to_thread.run_sync(self._store.write, batch)
        except Exception as error:
            self._is_dead = True
            self._failed(error)
            return False
        finally:
            if self._pulse is not None:
                self._pulse.writing_since = None
        self._durable(sequence)
        return True
