"""Reads one segment: its records and, where one is bad, what is wrong with it and whether a good one follows.

At most a chunk and a record are in memory; only the search after a bad record reads all the rest.
"""

from runtime.journal.disk import Disk
from runtime.journal.format import MARK, RECORD_BYTES, RecordHead, is_good, parse_head

__all__ = ["CHUNK_BYTES", "Segment"]

CHUNK_BYTES = 1 << 20


class Segment:
    """One segment as a reader sees it: `size` bytes, until `has_changed` finds that a writer has added more."""

    def __init__(self, disk: Disk, name: str) -> None:
        self._disk = disk
        self.name = name
        self.size = disk.size(name)
        self._start = 0
        self._data = b""

    def has_changed(self) -> bool:
        """Whether the file's size has changed; if so, updates `size` and drops the chunk read before."""
        size = self._disk.size(self.name)
        if size == self.size:
            return False
        self.size, self._data = size, b""
        return True

    def bytes_at(self, offset: int, size: int) -> bytes:
        """Up to `size` bytes from `offset`; fewer only at the segment's end."""
        start = offset - self._start
        if start < 0 or start + size > len(self._data):
            self._start, start = offset, 0
            wanted = min(max(size, CHUNK_BYTES), max(self.size - offset, 0))
            self._data = self._disk.read(self.name, offset, wanted)
        return self._data[start : start + size]

    def record_at(self, offset: int, salt: int) -> tuple[RecordHead, bytes] | None:
        """(head, all bytes) of the good record at `offset`, or None."""
        head = parse_head(self.bytes_at(offset, RECORD_BYTES), salt)
        if head is None:
            return None
        data = self.bytes_at(offset, RECORD_BYTES + head.body_bytes)
        return (head, data) if is_good(head, data[RECORD_BYTES:]) else None

    def flaw_at(self, offset: int) -> str:
        """A description of what is wrong with the record at `offset`."""
        data = self.bytes_at(offset, RECORD_BYTES)
        if not data.strip(b"\0"):
            return "zeros instead of a record"
        head = parse_head(data, 0)
        if head is None:
            return "a record cut short" if len(data) < RECORD_BYTES else "no record begins here"
        if offset + RECORD_BYTES + head.body_bytes > self.size:
            return "a record cut short"
        return "a record whose CRC does not match"

    def next_good(self, offset: int, salt: int) -> int | None:
        """The offset of the first good record at `offset` or after it, or None."""
        rest = self._disk.read(self.name, offset, self.size - offset)
        found = rest.find(MARK)
        while found >= 0:
            head = parse_head(rest[found : found + RECORD_BYTES], salt)
            body_start = found + RECORD_BYTES
            if head is not None and is_good(head, rest[body_start : body_start + head.body_bytes]):
                return offset + found
            found = rest.find(MARK, found + 1)
        return None
