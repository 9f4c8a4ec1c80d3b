"""The journal's writer: group commit in a thread, while the pump goes on.

Whatever was recorded since the last write is one group: one write, one sync. When it is on disk, the effects that
waited for it leave. A write that fails ends the run: the log is dead, and nothing that waits for it may ever leave.
"""

import time
from collections.abc import Callable
from typing import Any, Protocol

import trio

from runtime.edges.pulse import Pulse

__all__ = ["JournalWriter", "WriterStore"]


class WriterStore(Protocol):
    """An append log, as its writer uses it."""

    def take_batch(self) -> Any:
        """What waits, or None."""

    def write(self, batch: Any) -> int:
        """Write and sync, in whatever thread; the sequence up to which all is on disk."""


class JournalWriter:
    """`durable(sequence)` is told after every group; `failed(error)` once, and then nothing more is written."""

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
        """There may be something to write."""
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
        """Write what is left, then end."""
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
