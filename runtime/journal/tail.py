"""A journal's state after its last good record: what a log needs to continue and a reader to check the next record."""

import hashlib

from runtime.journal.format import SegmentHeader, salt_of

__all__ = ["Tail"]


class Tail:
    """`size` bytes of the segment `index` are good and hashed; `crc` is the CRC of the last record."""

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
        """Set the identity of the journal."""
        self.identity = identity
        self.salt = salt_of(identity)

    def opening(self) -> SegmentHeader:
        """The header of the segment `index`, which follows everything read or written so far."""
        previous = self.hasher.digest() if self.index else bytes(16)
        return SegmentHeader(self.index, self.next_sequence, self.identity, previous, self.crc)

    def start_segment(self, header: bytes) -> None:
        """Start the digest of a new segment with its header."""
        self.hasher = hashlib.blake2b(header, digest_size=16)
        self.size = len(header)
