"""The kernel's side of a journal: what comes in, with its place among the messages handled, and what goes out.

An input's place is the number of messages handled before it, which is all a replay needs to put it there again; time
and the order of timers follow from the clock readings. The store behind it decides when bytes are on disk.
"""

from typing import Any, Protocol

from runtime.journal.codec import Codec

__all__ = ["INPUTS", "OUTPUTS", "Boundary", "RecordStore"]

INPUTS = ("start", "tell", "command", "ask", "result", "edge_failed", "time", "wall", "fire", "kill", "halt", "manage")
OUTPUTS = ("effect", "memory", "decision", "correction", "life")


class RecordStore(Protocol):
    """An append log: buffered, and durable in groups."""

    @property
    def pending_bytes(self) -> int:
        """What waits for the disk."""

    def append(self, kind: str, time_ns: int, payload: bytes) -> int:
        """Buffer one record; its sequence."""

    def commit(self) -> int:
        """Write and sync what waits; the sequence up to which all is on disk."""


class Counts(Protocol):
    """How far the kernel is."""

    @property
    def handled(self) -> int:
        """Messages handled so far."""


class Boundary:
    """A kernel's JournalSink. `commit_bytes`: commit when as many wait; None where a driver's writer does it."""

    def __init__(self, store: RecordStore, codec: Codec, commit_bytes: int | None = None) -> None:
        self._store = store
        self._codec = codec
        self._commit_bytes = commit_bytes
        self.kernel: Counts | None = None

    def record(self, kind: str, now_ns: int, payload: tuple[Any, ...]) -> int:
        """One record; an input's payload begins with the number of messages handled before it."""
        data = self._codec.write(kind, payload)
        if kind in INPUTS:
            handled = self.kernel.handled if self.kernel is not None else 0
            data = b"[%d,%b]" % (handled, data)
        sequence = self._store.append(kind, now_ns, data)
        if self._commit_bytes is not None and self._store.pending_bytes >= self._commit_bytes:
            self._store.commit()
        return sequence
