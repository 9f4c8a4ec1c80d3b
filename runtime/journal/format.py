"""The bytes of a journal: a segment's header, a record, and the seal that ends a full segment (docs/journal.md).

A record can be judged on its own: its CRC covers everything else in it and starts from a number of the journal's own,
so that a good record of this journal is known wherever it lies. `previous` repeats the CRC of the record before: the
chain. All numbers are little-endian.
"""

import hashlib
import re
import struct
import zlib

import attrs
import msgspec

__all__ = [
    "ENDED",
    "HEADER",
    "HEADER_BYTES",
    "MARK",
    "PAYLOAD_BYTES",
    "RECORD_BYTES",
    "SEAL",
    "VERSION",
    "BadHeader",
    "LogRecord",
    "RecordHead",
    "SegmentHeader",
    "digest",
    "encode_record",
    "index_of",
    "is_good",
    "parse_head",
    "parse_header",
    "salt_of",
    "segment_name",
]

VERSION = 1
HEADER = "header"  # kind of a run's first record: a JSON object that says whose run it is
ENDED = "ended"  # kind of the last record of an orderly end
SEAL = ""  # kind of what ends a full segment; it takes no sequence number
PAYLOAD_BYTES = 1 << 24  # largest payload: a length beyond it is a lie

_MAGIC = b"\x89CFJRNL\n"
_HEADER = struct.Struct("<8sIIQ16s16sI")
_CRC = struct.Struct("<I")
HEADER_BYTES = _HEADER.size + _CRC.size

MARK = b"\xf7CF"
_RECORD = struct.Struct("<3sBIIQq")
RECORD_BYTES = _RECORD.size + _CRC.size
_NAME = re.compile(r"[0-9]{6,}\.log")


class LogRecord(msgspec.Struct, frozen=True, gc=False):
    """One entry: its place in the journal's order, the kernel time it was taken at, what it is, and its bytes."""

    sequence: int
    time_ns: int
    kind: str
    payload: bytes


class RecordHead(msgspec.Struct, frozen=True, gc=False):
    """The fixed part of a record as it stands on disk; `crc_so_far` is the CRC of that part alone."""

    kind_bytes: int
    payload_bytes: int
    previous: int
    sequence: int
    time_ns: int
    crc: int
    crc_so_far: int

    @property
    def body_bytes(self) -> int:
        """How much follows: kind and payload."""
        return self.kind_bytes + self.payload_bytes


@attrs.frozen
class SegmentHeader:
    """The first bytes of a segment: which one it is, of which journal, and what it follows."""

    index: int
    first_sequence: int
    identity: bytes
    previous_digest: bytes
    previous_crc: int

    def encode(self, version: int = VERSION) -> bytes:
        """HEADER_BYTES bytes, the last four their CRC."""
        packed = _HEADER.pack(
            _MAGIC, version, self.index, self.first_sequence, self.identity, self.previous_digest, self.previous_crc
        )
        return packed + _CRC.pack(zlib.crc32(packed))


class BadHeader(Exception):
    """A segment that does not open as a segment of ours; the text says what is wrong."""


def parse_header(data: bytes) -> SegmentHeader:
    """The header in the first HEADER_BYTES of `data`; BadHeader with the reason."""
    if len(data) < HEADER_BYTES:
        raise BadHeader(f"the segment's header is cut short: {len(data)} of {HEADER_BYTES} bytes")
    magic, version, index, first, identity, previous_digest, previous_crc = _HEADER.unpack_from(data)
    if magic != _MAGIC:
        raise BadHeader("no journal segment: the magic bytes are missing")
    if zlib.crc32(data[: _HEADER.size]) != _CRC.unpack_from(data, _HEADER.size)[0]:
        raise BadHeader("the segment's header is damaged: its CRC does not match")
    if version != VERSION:
        raise BadHeader(f"format version {version} is unknown; this program reads version {VERSION}")
    return SegmentHeader(index, first, identity, previous_digest, previous_crc)


def encode_record(
    kind: bytes, payload: bytes, sequence: int, time_ns: int, previous: int, salt: int
) -> tuple[bytes, int]:
    """The record's bytes and its CRC, which is the next one's `previous`."""
    head = _RECORD.pack(MARK, len(kind), len(payload), previous, sequence, time_ns)
    crc = zlib.crc32(payload, zlib.crc32(kind, zlib.crc32(head, salt)))
    return b"".join((head, _CRC.pack(crc), kind, payload)), crc


def parse_head(data: bytes, salt: int) -> RecordHead | None:
    """The fixed part of a record in the first RECORD_BYTES of `data`; None if there is none."""
    if len(data) < RECORD_BYTES or data[:3] != MARK:
        return None
    _, kind_bytes, payload_bytes, previous, sequence, time_ns = _RECORD.unpack_from(data)
    if payload_bytes > PAYLOAD_BYTES:
        return None
    crc = _CRC.unpack_from(data, _RECORD.size)[0]
    return RecordHead(
        kind_bytes, payload_bytes, previous, sequence, time_ns, crc, zlib.crc32(data[: _RECORD.size], salt)
    )


def is_good(head: RecordHead, body: bytes) -> bool:
    """Whether `body` is whole and the record's CRC matches."""
    return len(body) == head.body_bytes and zlib.crc32(body, head.crc_so_far) == head.crc


def digest(data: bytes) -> bytes:
    """blake2b-128."""
    return hashlib.blake2b(data, digest_size=16).digest()


def salt_of(identity: bytes) -> int:
    """Where the CRC of every record of a journal starts, so that another journal's records are none of its own."""
    return zlib.crc32(identity)


def segment_name(index: int) -> str:
    """The segment's file in the journal's folder."""
    return f"{index:06d}.log"


def index_of(name: str) -> int | None:
    """The index in a segment's file name; None for a file that is no segment."""
    if _NAME.fullmatch(name) is None:
        return None
    index = int(name.removesuffix(".log"))
    return index if segment_name(index) == name else None
