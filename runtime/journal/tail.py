"""Where a journal stands after its last good record: what a log needs to go on, and a reader to check what comes."""

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
