"""The append log: records are buffered, and a group of them becomes durable with one fdatasync.

Call `append` and `take_batch` in the thread that owns the log. `write` may run in another thread while more is
appended; batches are written one at a time, in order. The first failed write or sync ends the log for good: afterwards
the page cache may differ from the disk, so nothing is retried.
"""

from collections.abc import Callable

import attrs

from runtime.journal.disk import Disk
from runtime.journal.errors import JournalError, JournalFailed, JournalMisuse, JournalOverflow
from runtime.journal.format import ENDED, HEADER, PAYLOAD_BYTES, RECORD_BYTES, LogRecord
from runtime.journal.layout import Layout, Opening, Part
from runtime.journal.recovery import failed, recover
from runtime.journal.report import Report
from runtime.journal.tail import Tail

__all__ = ["AppendLog", "Batch", "LogLimits", "open_log"]

_KIND_CHARACTERS = 255
_TIME_LIMIT = 1 << 63


@attrs.frozen
class LogLimits:
    """`segment_bytes`: largest segment. `pending_bytes`: most bytes not on disk before `append` raises."""

    segment_bytes: int = 64 << 20
    pending_bytes: int = 64 << 20


@attrs.frozen
class Batch:
    """A group to write and sync together: everything up to `last_sequence` that was not taken before."""

    parts: tuple[Part, ...]
    last_sequence: int
    byte_count: int


class AppendLog:
    """A journal open for writing, created by `open_log`; `found` reports the state it was in."""

    def __init__(self, disk: Disk, tail: Tail, found: Report, limits: LogLimits) -> None:
        self.found = found
        self._disk = disk
        self._layout = Layout(tail, limits.segment_bytes)
        self._limits = limits
        self._kinds: dict[str, bytes] = {}
        self._synced = tail.next_sequence - 1
        self._waiting = 0  # bytes appended but not taken
        self._out: Batch | None = None
        self._failure: JournalFailed | None = None
        self._is_closed = False

    @property
    def synced(self) -> int:
        """The last sequence that is durable with all before it; -1 if none is."""
        return self._synced

    @property
    def next_sequence(self) -> int:
        """The sequence of the next record."""
        return self._layout.next_sequence

    @property
    def pending_bytes(self) -> int:
        """Bytes not on disk yet, including the batch being written."""
        out = self._out
        return self._waiting + (out.byte_count if out is not None else 0)

    @property
    def failure(self) -> JournalFailed | None:
        """Why the log failed; None while it works."""
        return self._failure

    def append(self, kind: str, time_ns: int, payload: bytes) -> int:
        """Buffer a record; returns its sequence. It is durable once `synced` has reached that.

        The first record of a journal, and the first after an `ended` one, must have the kind `header`.
        JournalOverflow if too much is pending: the record was not taken.
        """
        self._check_alive()
        kind_bytes = self._kinds.get(kind) or self._learn(kind)
        layout = self._layout
        if layout.last_kind in (None, ENDED) and kind != HEADER:
            raise JournalMisuse(f"`{kind}` cannot open a run: its first record is a `{HEADER}`")
        if len(payload) > PAYLOAD_BYTES or not -_TIME_LIMIT <= time_ns < _TIME_LIMIT:
            raise JournalMisuse(f"`{kind}` of {len(payload)} bytes at {time_ns} ns: at most {PAYLOAD_BYTES}, 64 bits")
        waiting = self.pending_bytes
        if waiting + RECORD_BYTES + len(kind_bytes) + len(payload) > self._limits.pending_bytes:
            raise JournalOverflow(f"{self._disk.path}: {waiting} bytes wait to be written")
        sequence = layout.next_sequence
        try:
            self._waiting += layout.add(kind, kind_bytes, time_ns, payload)
        except BaseException as error:
            self._interrupted(error)
            raise
        return sequence

    def take_batch(self) -> Batch | None:
        """The pending records, for `write`; None if there are none. The previous batch must have been written."""
        self._check_alive()
        if self._out is not None:
            raise JournalMisuse("a batch is being written: one at a time")
        if not self._waiting:
            return None
        try:
            self._out = Batch(self._layout.take(), self.next_sequence - 1, self._waiting)
            self._waiting = 0
        except BaseException as error:
            self._interrupted(error)
            raise
        return self._out

    def write(self, batch: Batch) -> int:
        """Write the batch taken last and make it durable: one fdatasync, and three more syncs for a new segment.

        Returns `synced`. JournalFailed or JournalFull if the disk fails: the log then accepts no more.
        """
        self._check_alive()
        if batch is not self._out:
            raise JournalMisuse("this is not the batch that was taken last")
        try:
            for part in batch.parts:
                if part.opening is not None:
                    self._make(part.segment, part.opening)
                self._disk.append(part.segment, part.data)
            self._disk.sync(batch.parts[-1].segment)
            self._synced = batch.last_sequence
        except OSError as error:
            self._failure = failed(self._disk, error)
            raise self._failure from error
        except BaseException as error:
            self._interrupted(error)
            raise
        finally:
            self._out = None
        return self._synced

    def commit(self) -> int:
        """Write everything pending as one group; returns `synced`."""
        try:
            batch = self.take_batch()
            return self._synced if batch is None else self.write(batch)
        except JournalError:
            raise
        except BaseException as error:
            self._interrupted(error)
            self._out = None  # taken but not written: no one else will write it
            raise

    def close(self) -> None:
        """Commit and release the journal; a failed log is only released. Append `ended` before an orderly end.

        A batch that was taken must have been written or have failed: files may not be closed under a writer.
        """
        if self._is_closed:
            return
        if self._out is not None:
            raise JournalMisuse("a batch is being written: wait for it, then close")
        try:
            if self._failure is None:
                self.commit()
        finally:
            self._is_closed = True
            self._disk.unlock()

    def _make(self, name: str, opening: Opening) -> None:
        """Create a segment. The seal of the one before is written last, so that it proves the new one durable."""
        disk = self._disk
        disk.create(name)
        disk.append(name, opening.header)
        disk.sync(name)
        disk.sync_folder()
        if opening.sealed is not None:
            disk.append(opening.sealed, opening.seal)
            disk.sync(opening.sealed)

    def _check_alive(self) -> None:
        if self._failure is not None:
            raise self._failure
        if self._is_closed:
            raise JournalMisuse("the log is closed")

    def _interrupted(self, error: BaseException) -> None:
        """Fail the log: a signal may raise between any two lines, and half-done work must never reach the disk."""
        if self._failure is None:
            self._failure = JournalFailed(f"{self._disk.path}: interrupted by {type(error).__name__}")

    def _learn(self, kind: str) -> bytes:
        if not (0 < len(kind) <= _KIND_CHARACTERS and kind.isascii() and kind.isprintable()):
            raise JournalMisuse(f"{kind!r} is no kind: 1 to {_KIND_CHARACTERS} printable ASCII characters")
        self._kinds[kind] = kind.encode()
        return self._kinds[kind]


def open_log(disk: Disk, limits: LogLimits | None = None, each: Callable[[LogRecord], None] | None = None) -> AppendLog:
    """Open a new or existing journal for writing; `each` is called with every record in it.

    JournalLocked if another process has it open, JournalCorrupt if it is damaged (then nothing was changed),
    JournalFailed if the disk fails. A torn end is cut; `found` reports it.
    """
    reader = recover(disk, each)
    tail = reader.tail if reader.tail.next_sequence else Tail()
    return AppendLog(disk, tail, reader.report, limits or LogLimits())
