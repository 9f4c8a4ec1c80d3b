"""The bytes of a journal: a segment's header, a record, and the seal that ends a full segment (docs/journal.md).

A record can be checked on its own: its CRC covers everything else in it and starts from a number specific to the
journal, so a good record of this journal is recognised at any offset. `previous` repeats the CRC of the record before
and chains them. All numbers are little-endian.
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
HEADER = "header"  # kind of a run's first record: a JSON object that identifies the run
ENDED = "ended"  # kind of the last record of an orderly end
SEAL = ""  # kind of the record that ends a full segment; it has no sequence number of its own
PAYLOAD_BYTES = 1 << 24  # largest payload; a larger length field is invalid

_MAGIC = b"\x89CFJRNL\n"
_HEADER = struct.Struct("<8sIIQ16s16sI")
_CRC = struct.Struct("<I")
HEADER_BYTES = _HEADER.size + _CRC.size

MARK = b"\xf7CF"
_RECORD = struct.Struct("<3sBIIQq")
RECORD_BYTES = _RECORD.size + _CRC.size
_NAME = re.compile(r"[0-9]{6,}\.log")


class LogRecord(msgspec.Struct, frozen=True, gc=False):
    """One record: its sequence, its kernel time, its kind and its payload."""

    sequence: int
    time_ns: int
    kind: str
    payload: bytes


class RecordHead(msgspec.Struct, frozen=True, gc=False):
    """The fixed part of a record on disk; `crc_so_far` is the CRC of this part alone."""

    kind_bytes: int
    payload_bytes: int
    previous: int
    sequence: int
    time_ns: int
    crc: int
    crc_so_far: int

    @property
    def body_bytes(self) -> int:
        """Bytes that follow: kind and payload."""
        return self.kind_bytes + self.payload_bytes


@attrs.frozen
class SegmentHeader:
    """The first bytes of a segment: its index, its journal, and the segment before it."""

    index: int
    first_sequence: int
    identity: bytes
    previous_digest: bytes
    previous_crc: int

    def encode(self, version: int = VERSION) -> bytes:
        """The header as HEADER_BYTES bytes; the last four are their CRC."""
        packed = _HEADER.pack(
            _MAGIC, version, self.index, self.first_sequence, self.identity, self.previous_digest, self.previous_crc
        )
        return packed + _CRC.pack(zlib.crc32(packed))


class BadHeader(Exception):
    """The segment has no valid header; the text says why."""


def parse_header(data: bytes) -> SegmentHeader:
    """The header in the first HEADER_BYTES of `data`; BadHeader with the reason if it is not valid."""
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
    """The blake2b-128 digest of `data`."""
    return hashlib.blake2b(data, digest_size=16).digest()


def salt_of(identity: bytes) -> int:
    """The number from which a journal's CRCs start, so that another journal's records do not match."""
    return zlib.crc32(identity)


def segment_name(index: int) -> str:
    """The segment's file name."""
    return f"{index:06d}.log"


def index_of(name: str) -> int | None:
    """The index in a segment's file name; None for any other file name."""
    if _NAME.fullmatch(name) is None:
        return None
    index = int(name.removesuffix(".log"))
    return index if segment_name(index) == name else None
