"""A fault for each statement on the journal (docs/journal.md, J)."""

from tests.mutation.numbered import breaks

__all__ = ["MUTANTS"]

MUTANTS = (
    breaks(
        "J1", "promised without a sync", "journal.log", "            self._disk.sync(batch.parts[-1].segment)\n", ""
    ),
    breaks(
        "J2",
        "a group is synced twice",
        "journal.log",
        "            self._disk.sync(batch.parts[-1].segment)\n",
        "            self._disk.sync(batch.parts[-1].segment)\n            self._disk.sync(batch.parts[-1].segment)\n",
    ),
    breaks("J3", "a torn end is not told", "journal.reader", "if rest or following:", "if False:"),
    breaks(
        "J4",
        "nobody looks for a later good record",
        "journal.segment",
        "        while found >= 0:",
        "        while False:",
    ),
    breaks("J5", "the chain is not checked", "journal.reader", "elif head.previous != tail.crc:", "elif False:"),
    breaks(
        "J6",
        "a torn journal has ended",
        "journal.reader",
        "self.tail.last_kind == ENDED and self.torn is None",
        "self.tail.last_kind == ENDED or self.torn is not None",
    ),
    breaks(
        "J7",
        "a failed log is alive",
        "journal.log",
        "            self._failure = failed(self._disk, error)\n            raise self._failure from error",
        "            raise failed(self._disk, error) from error",
    ),
    breaks(
        "J8",
        "a full disk is any failure",
        "journal.recovery",
        "JournalFull if error.errno in _FULL else JournalFailed",
        "JournalFailed",
    ),
    breaks(
        "J9",
        "the lock keeps nobody out",
        "edges.disk",
        "fcntl.LOCK_EX | fcntl.LOCK_NB",
        "fcntl.LOCK_SH | fcntl.LOCK_NB",
    ),
    breaks("J10", "what waits is not bounded", "journal.log", "> self._limits.pending_bytes:", "> 1 << 60:"),
    breaks(
        "J11",
        "a start cuts before it has judged",
        "journal.recovery",
        "        disk.settle(name)\n",
        "        disk.settle(name)\n        disk.truncate(name, disk.size(name) - 1)\n",
    ),
    breaks("J12", "a segment is read at once", "journal.segment", "CHUNK_BYTES = 1 << 20", "CHUNK_BYTES = 1 << 30"),
    breaks("J13", "any version is read", "journal.format", "if version != VERSION:", "if False:"),
    breaks(
        "J14",
        "a run may open with anything",
        "journal.log",
        "if layout.last_kind in (None, ENDED) and kind != HEADER:",
        "if False:",
    ),
    breaks(
        "J15",
        "a record carries its group's place",
        "journal.layout",
        'data = b"".join(self._records)',
        'data = b"".join(self._records) + b"\\0"',
    ),
)
