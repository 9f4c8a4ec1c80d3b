"""The kernel's side of a journal: records inputs with their position among handled messages, and outputs.

An input's position is the number of messages handled before it; a replay needs no more to repeat it there, because
time and the order of timers follow from the clock readings. The store behind it decides when bytes are on disk.
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
        """Bytes not on disk yet."""

    def append(self, kind: str, time_ns: int, payload: bytes) -> int:
        """Buffer one record; returns its sequence."""

    def commit(self) -> int:
        """Write and sync what is buffered; returns the last sequence on disk."""


class Counts(Protocol):
    """The kernel's progress."""

    @property
    def handled(self) -> int:
        """Messages handled so far."""


class Boundary:
    """A kernel's JournalSink. It commits once `commit_bytes` are pending; None where a driver's writer commits."""

    def __init__(self, store: RecordStore, codec: Codec, commit_bytes: int | None = None) -> None:
        self._store = store
        self._codec = codec
        self._commit_bytes = commit_bytes
        self.kernel: Counts | None = None

    def record(self, kind: str, now_ns: int, payload: tuple[Any, ...]) -> int:
        """Append one record; an input's payload begins with the number of messages handled before it."""
        data = self._codec.write(kind, payload)
        if kind in INPUTS:
            handled = self.kernel.handled if self.kernel is not None else 0
            data = b"[%d,%b]" % (handled, data)
        sequence = self._store.append(kind, now_ns, data)
        if self._commit_bytes is not None and self._store.pending_bytes >= self._commit_bytes:
            self._store.commit()
        return sequence
