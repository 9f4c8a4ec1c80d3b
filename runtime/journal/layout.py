"""Assigns sequence, chain and segment to each record when it is appended, so that the writer only writes bytes.

A full segment is sealed and the next one opened with its digest; a batch says which bytes belong in which file. In
memory only.
"""

import attrs

from runtime.journal.format import HEADER_BYTES, RECORD_BYTES, digest, encode_record, segment_name
from runtime.journal.tail import Tail

__all__ = ["Layout", "Opening", "Part"]

SEAL_BYTES = RECORD_BYTES


@attrs.frozen
class Opening:
    """A segment to create: its header, and the seal for the segment before it (none before the first)."""

    header: bytes
    sealed: str | None
    seal: bytes


@attrs.frozen
class Part:
    """Bytes for one segment, which is created first if there is an opening."""

    segment: str
    opening: Opening | None
    data: bytes


class Layout:
    """Continues from `tail`, which it then owns; a segment is at most `segment_bytes` unless one record is larger."""

    def __init__(self, tail: Tail, segment_bytes: int) -> None:
        self._tail = tail
        self._segment_bytes = segment_bytes
        self._parts: list[Part] = []
        self._opening: Opening | None = None
        self._records: list[bytes] = []

    @property
    def next_sequence(self) -> int:
        """The sequence of the next record."""
        return self._tail.next_sequence

    @property
    def last_kind(self) -> str | None:
        """The kind of the last record; None in a new journal."""
        return self._tail.last_kind

    def add(self, kind: str, kind_bytes: bytes, time_ns: int, payload: bytes) -> int:
        """Add a record at the end; returns the bytes it adds, including a new segment's header and seal."""
        tail = self._tail
        size = RECORD_BYTES + len(kind_bytes) + len(payload)
        extra = 0
        if tail.last_kind is None:
            tail.adopt(digest(payload))
            extra = self._open(None, b"")
        elif tail.size + size + SEAL_BYTES > self._segment_bytes and tail.size > HEADER_BYTES:
            extra = self._roll(time_ns)
        data, tail.crc = encode_record(kind_bytes, payload, tail.next_sequence, time_ns, tail.crc, tail.salt)
        self._records.append(data)
        tail.size += size
        tail.next_sequence += 1
        tail.last_kind = kind
        return size + extra

    def take(self) -> tuple[Part, ...]:
        """Everything added since the last take, in the order in which it must be written."""
        self._finish_part()
        parts, self._parts = tuple(self._parts), []
        return parts

    def _roll(self, time_ns: int) -> int:
        tail = self._tail
        self._finish_part()
        seal, tail.crc = encode_record(b"", b"", tail.next_sequence, time_ns, tail.crc, tail.salt)
        tail.hasher.update(seal)
        sealed = segment_name(tail.index)
        tail.index += 1
        return len(seal) + self._open(sealed, seal)

    def _open(self, sealed: str | None, seal: bytes) -> int:
        header = self._tail.opening().encode()
        self._tail.start_segment(header)
        self._opening = Opening(header, sealed, seal)
        return len(header)

    def _finish_part(self) -> None:
        if self._records:
            data = b"".join(self._records)
            self._tail.hasher.update(data)
            self._parts.append(Part(segment_name(self._tail.index), self._opening, data))
            self._records, self._opening = [], None
