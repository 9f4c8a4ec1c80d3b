"""Reads a journal from its first byte to its last good record, and tells a torn end from damage.

A bad record is *torn* if nothing follows it: a write that did not finish. It is *damage* if anything of the journal
follows (a good record, searched for at every byte, or another segment), or if it is whole but breaks the chain. A
journal may be read while it is written: what has grown meanwhile is read again.
"""

from collections.abc import Generator, Iterator

from runtime.journal.disk import Disk
from runtime.journal.errors import Damage, JournalCorrupt
from runtime.journal.format import (
    ENDED,
    HEADER,
    HEADER_BYTES,
    RECORD_BYTES,
    BadHeader,
    LogRecord,
    RecordHead,
    digest,
    index_of,
    parse_header,
    segment_name,
)
from runtime.journal.report import JournalState, Report, Torn
from runtime.journal.segment import Segment
from runtime.journal.tail import Tail

__all__ = ["JournalReader", "examine"]

_HEADER_CHECKS = (
    ("identity", "the segment belongs to another journal"),
    ("previous_digest", "the segment before is not the one this segment was made after: its digest differs"),
    ("previous_crc", "the chain is broken between this segment and the one before"),
    ("first_sequence", "the segment begins with another sequence than the one that is due"),
)


class JournalReader:
    """Iterates over a journal's records once. Ends before a torn end; JournalCorrupt at damage.

    `tail`, `torn` and `report` describe what has been read so far.
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
        """A report of what has been read so far."""
        first, last = self._times or (None, None)
        return Report(
            path=self._disk.path,
            state=self._state(),
            segment_count=self._segments,
            record_count=self.tail.next_sequence,
            run_count=self._runs,
            byte_count=self._bytes,
            first_time_ns=first,
            last_time_ns=last,
            torn=self.torn,
            damage=self._damage,
        )

    def __iter__(self) -> Iterator[LogRecord]:
        while self.torn is None:
            name = segment_name(self.tail.index)
            following = self._from(self.tail.index)
            if not following:
                if self.tail.index:
                    raise self._corrupt(name, 0, f"the segment is missing: {segment_name(self.tail.index - 1)} is full")
                return
            if following[0] != name:
                raise self._corrupt(name, 0, f"the segment is missing, though {following[0]} is there")
            segment = Segment(self._disk, name)
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
        """Names of the segments from `index` on, in order; listed each time, because a writer may be at work."""
        found = sorted(at for name in self._disk.names() if (at := index_of(name)) is not None and at >= index)
        return [segment_name(at) for at in found]

    def _open(self, segment: Segment, following: list[str]) -> bool:
        """Check the segment's header; False if the journal ends within it."""
        tail = self.tail
        data = segment.bytes_at(0, HEADER_BYTES)
        try:
            header = parse_header(data)
        except BadHeader as bad:
            # The first segment's header is durable before its first record: a shorter file is a failed creation.
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

    def _records(self, segment: Segment) -> Generator[LogRecord, None, bool]:
        """The segment's records; True if its seal was reached, else the journal ends here."""
        tail = self.tail
        while True:
            found = segment.record_at(tail.size, tail.salt)
            if found is None:
                # In this order: a writer at work seals this segment before it uses the next one.
                following, is_unused = self._following()
                if segment.has_changed():
                    continue
                self._stop(segment, following, is_unused)
                return False
            head, data = found
            self._check_place(segment, head, data)
            self._advance(head, data)
            if not head.kind_bytes:
                if tail.size < segment.size:
                    raise self._corrupt(segment.name, tail.size, "bytes after the segment's seal")
                return True
            yield self._taken(head, data)

    def _advance(self, head: RecordHead, data: bytes) -> None:
        self.tail.hasher.update(data)
        self.tail.size += len(data)
        self.tail.crc = head.crc
        self._bytes += len(data)

    def _taken(self, head: RecordHead, data: bytes) -> LogRecord:
        start = RECORD_BYTES + head.kind_bytes
        kind = data[RECORD_BYTES:start].decode("ascii", "backslashreplace")
        self.tail.next_sequence += 1
        self.tail.last_kind = kind
        self._runs += kind == HEADER
        first = head.time_ns if self._times is None else self._times[0]
        self._times = first, head.time_ns
        return LogRecord(head.sequence, head.time_ns, kind, data[start:])

    def _check_place(self, segment: Segment, head: RecordHead, data: bytes) -> None:
        """JournalCorrupt if a whole record does not belong here; no crash causes that, not even at the end."""
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

    def _following(self) -> tuple[list[str], bool]:
        """The segments after this one, and whether they are just the next one, created and not yet used."""
        following = self._from(self.tail.index + 1)
        is_unused = following == [segment_name(self.tail.index + 1)] and self._disk.size(following[0]) <= HEADER_BYTES
        return following, is_unused

    def _stop(self, segment: Segment, following: list[str], is_unused: bool) -> None:
        """No good record here and no seal before: the end, a torn end, or JournalCorrupt if anything follows."""
        offset = self.tail.size
        rest = segment.size - offset
        what = segment.flaw_at(offset) if rest else "the segment ends without a seal"
        later = segment.next_good(offset + 1, self.tail.salt) if rest else None
        if later is not None:
            raise self._corrupt(segment.name, offset, f"{what}, though a good record follows at offset {later}")
        if following and not is_unused:
            raise self._corrupt(segment.name, offset, f"{what}, though {following[0]} follows")
        if rest or following:
            self.torn = Torn(segment.name, offset, rest, what, following[0] if following else None)

    def _corrupt(self, name: str, offset: int, what: str) -> JournalCorrupt:
        self._damage = Damage(name, offset, self.tail.next_sequence, what)
        return JournalCorrupt(self._disk.path, self._damage)


def examine(disk: Disk) -> Report:
    """Read a whole journal and report what was found, including damage; changes nothing."""
    reader = JournalReader(disk)
    try:
        for _ in reader:
            pass
    except JournalCorrupt:
        pass
    return reader.report


def _begins(data: bytes, head: RecordHead, identity: bytes) -> bool:
    """Whether the record is the header whose digest is the journal's identity."""
    start = RECORD_BYTES + head.kind_bytes
    return data[RECORD_BYTES:start] == HEADER.encode() and digest(data[start:]) == identity
