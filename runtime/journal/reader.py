"""Reading a journal from its first byte to its last good record, and telling what a crash leaves from damage.

A bad record is *torn* if it is the very last thing there is: a write that never ended. It is *damage* if anything of
the journal follows (a good record further on, found by looking for one at every byte, or another segment), or if it
is whole but out of its chain. A segment holds at most a chunk and a record of its bytes in memory.
"""

import hashlib
from collections.abc import Generator, Iterator

from runtime.journal.disk import Disk
from runtime.journal.errors import Damage, JournalCorrupt
from runtime.journal.format import (
    ENDED,
    HEADER,
    HEADER_BYTES,
    MARK,
    RECORD_BYTES,
    BadHeader,
    Record,
    RecordHead,
    SegmentHeader,
    digest,
    index_of,
    is_good,
    parse_head,
    parse_header,
    salt_of,
    segment_name,
)
from runtime.journal.report import JournalState, Report, Torn

__all__ = ["JournalReader", "Tail", "examine"]

_CHUNK_BYTES = 1 << 20
_HEADER_CHECKS = (
    ("identity", "the segment belongs to another journal"),
    ("previous_digest", "the segment before is not the one this segment was made after: its digest differs"),
    ("previous_crc", "the chain is broken between this segment and the one before"),
    ("first_sequence", "the segment begins with another sequence than the one that is due"),
)


class Tail:
    """Where a journal stands after its last good record: what a log needs to go on, and the reader to check."""

    def __init__(self) -> None:
        self.identity = b""
        self.salt = 0
        self.index = 0
        self.size = 0
        self.hasher = hashlib.blake2b(digest_size=16)
        self.crc = 0
        self.next_sequence = 0
        self.last_kind: str | None = None

    def adopt(self, identity: bytes) -> None:
        """The journal whose records these are."""
        self.identity = identity
        self.salt = salt_of(identity)

    def opening(self) -> SegmentHeader:
        """The header of the segment `index`, given that all before it is what was read or written so far."""
        previous = self.hasher.digest() if self.index else bytes(16)
        return SegmentHeader(self.index, self.next_sequence, self.identity, previous, self.crc)

    def start_segment(self, header: bytes) -> None:
        """The digest starts anew with a segment."""
        self.hasher = hashlib.blake2b(header, digest_size=16)
        self.size = len(header)


class _Segment:
    """One segment's bytes, a chunk at a time."""

    def __init__(self, disk: Disk, name: str) -> None:
        self._disk = disk
        self.name = name
        self.size = disk.size(name)
        self._start = 0
        self._data = b""

    def bytes_at(self, offset: int, size: int) -> bytes:
        """Up to `size` bytes; fewer only at the segment's end."""
        start = offset - self._start
        if start < 0 or start + size > len(self._data):
            self._start, start = offset, 0
            wanted = min(max(size, _CHUNK_BYTES), max(self.size - offset, 0))
            self._data = self._disk.read(self.name, offset, wanted)
        return self._data[start : start + size]

    def record_at(self, offset: int, salt: int) -> tuple[RecordHead, bytes] | None:
        """The good record at `offset`, its head and all its bytes, or None."""
        head = parse_head(self.bytes_at(offset, RECORD_BYTES), salt)
        if head is None:
            return None
        data = self.bytes_at(offset, RECORD_BYTES + head.body_bytes)
        return (head, data) if is_good(head, data[RECORD_BYTES:]) else None

    def flaw_at(self, offset: int) -> str:
        """What is wrong with the record at `offset`, in words."""
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
        """The offset of the first good record at `offset` or after it."""
        rest = self._disk.read(self.name, offset, self.size - offset)
        found = rest.find(MARK)
        while found >= 0:
            head = parse_head(rest[found : found + RECORD_BYTES], salt)
            body_start = found + RECORD_BYTES
            if head is not None and is_good(head, rest[body_start : body_start + head.body_bytes]):
                return offset + found
            found = rest.find(MARK, found + 1)
        return None


class JournalReader:
    """Iterates a journal's records once. Ends before a torn rest; JournalCorrupt at damage.

    `tail`, `torn` and `report` tell about what has been read so far: all of it once the iteration has ended.
    """

    def __init__(self, disk: Disk) -> None:
        self.tail = Tail()
        self.torn: Torn | None = None
        self._disk = disk
        self._damage: Damage | None = None
        self._segments = 0
        self._bytes = 0
        self._runs = 0
        self._times: tuple[int, int] | None = None

    @property
    def report(self) -> Report:
        """What was found."""
        first, last = self._times or (None, None)
        return Report(
            self._disk.path,
            self._state(),
            self._segments,
            self.tail.next_sequence,
            self._runs,
            self._bytes,
            first,
            last,
            self.torn,
            self._damage,
        )

    def __iter__(self) -> Iterator[Record]:
        while self.torn is None:
            name = segment_name(self.tail.index)
            following = self._from(self.tail.index)
            if not following:
                if self.tail.index:
                    raise self._corrupt(name, 0, f"the segment is missing: {segment_name(self.tail.index - 1)} is full")
                return
            if following[0] != name:
                raise self._corrupt(name, 0, f"the segment is missing, though {following[0]} is there")
            segment = _Segment(self._disk, name)
            if not self._open(segment, following[1:]):
                return
            is_sealed = yield from self._records(segment)
            if not is_sealed:
                return
            self.tail.index += 1

    def _state(self) -> JournalState:
        if self._damage is not None:
            return JournalState.CORRUPT
        if not self.tail.next_sequence:
            return JournalState.EMPTY
        is_ended = self.tail.last_kind == ENDED and self.torn is None
        return JournalState.ENDED if is_ended else JournalState.CRASHED

    def _from(self, index: int) -> list[str]:
        """The segments from `index` on, by index; listed anew, for a writer may be at work."""
        found = sorted(at for name in self._disk.names() if (at := index_of(name)) is not None and at >= index)
        return [segment_name(at) for at in found]

    def _open(self, segment: _Segment, following: list[str]) -> bool:
        """Check the segment's header; False if the journal ends within it."""
        tail = self.tail
        data = segment.bytes_at(0, HEADER_BYTES)
        try:
            header = parse_header(data)
        except BadHeader as bad:
            # A first segment is durable up to its header before a record follows: less is a birth that failed.
            if tail.index or following or segment.size > HEADER_BYTES:
                raise self._corrupt(segment.name, 0, str(bad)) from None
            self.torn = Torn(segment.name, 0, segment.size, str(bad))
            return False
        if header.index != tail.index:
            raise self._corrupt(segment.name, 0, f"this is segment {header.index} by its header: renamed or swapped")
        if not tail.index:
            tail.adopt(header.identity)
        expected = tail.opening()
        for name, what in _HEADER_CHECKS:
            if getattr(header, name) != getattr(expected, name):
                raise self._corrupt(segment.name, 0, what)
        tail.start_segment(data)
        self._segments += 1
        self._bytes += len(data)
        return True

    def _records(self, segment: _Segment) -> Generator[Record, None, bool]:
        """The segment's records; True if its seal was reached, else the journal ends here."""
        tail = self.tail
        while tail.size < segment.size:
            found = segment.record_at(tail.size, tail.salt)
            if found is None:
                self._tear(segment)
                return False
            head, data = found
            self._check_place(segment, head, data)
            self._advance(head, data)
            if not head.kind_bytes:
                if tail.size < segment.size:
                    raise self._corrupt(segment.name, tail.size, "bytes after the segment's seal")
                return True
            start = RECORD_BYTES + head.kind_bytes
            kind = data[RECORD_BYTES:start].decode("ascii", "backslashreplace")
            tail.next_sequence += 1
            tail.last_kind = kind
            self._runs += kind == HEADER
            first = head.time_ns if self._times is None else self._times[0]
            self._times = first, head.time_ns
            yield Record(head.sequence, head.time_ns, kind, data[start:])
        self._stop_unsealed(segment, "ends without its seal")
        return False

    def _advance(self, head: RecordHead, data: bytes) -> None:
        self.tail.hasher.update(data)
        self.tail.size += len(data)
        self.tail.crc = head.crc
        self._bytes += len(data)

    def _check_place(self, segment: _Segment, head: RecordHead, data: bytes) -> None:
        """A whole record may still be none of this place: no crash does that, however late in the file."""
        tail = self.tail
        what = None
        if head.sequence != tail.next_sequence:
            what = f"a good record, but its sequence is {head.sequence}"
        elif head.previous != tail.crc:
            what = "the chain is broken: a good record, but not the one that followed the record before"
        elif not tail.next_sequence and not _begins(data, head, tail.identity):
            what = "the first record is not the header that the segment names"
        if what is not None:
            raise self._corrupt(segment.name, tail.size, what)

    def _tear(self, segment: _Segment) -> None:
        """A bad record: torn if nothing follows."""
        offset = self.tail.size
        what = segment.flaw_at(offset)
        later = segment.next_good(offset + 1, self.tail.salt)
        if later is not None:
            raise self._corrupt(segment.name, offset, f"{what}, though a good record follows at offset {later}")
        self._stop_unsealed(segment, what)

    def _stop_unsealed(self, segment: _Segment, what: str) -> None:
        """The last segment has no seal; a following one may be there as long as it was only being made."""
        tail = self.tail
        following = self._from(tail.index + 1)
        unfinished = following[0] if following else None
        if unfinished is not None:
            is_next = following == [segment_name(tail.index + 1)]
            if not is_next or self._disk.size(unfinished) > HEADER_BYTES:
                raise self._corrupt(segment.name, tail.size, f"{what}, though {unfinished} follows")
        rest = segment.size - tail.size
        if rest or unfinished is not None:
            self.torn = Torn(segment.name, tail.size, rest, what, unfinished)

    def _corrupt(self, name: str, offset: int, what: str) -> JournalCorrupt:
        self._damage = Damage(name, offset, self.tail.next_sequence, what)
        return JournalCorrupt(self._disk.path, self._damage)


def examine(disk: Disk) -> Report:
    """Read a whole journal and tell what was found, damage too; changes nothing."""
    reader = JournalReader(disk)
    try:
        for _ in reader:
            pass
    except JournalCorrupt:
        pass
    return reader.report


def _begins(data: bytes, head: RecordHead, identity: bytes) -> bool:
    """Whether the record is the header that the journal's identity is the digest of."""
    start = RECORD_BYTES + head.kind_bytes
    return data[RECORD_BYTES:start] == HEADER.encode() and digest(data[start:]) == identity
