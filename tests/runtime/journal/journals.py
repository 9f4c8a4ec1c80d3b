"""Builders: small journals on a disk in memory, and what is read back from them."""

from collections.abc import Sequence

import msgspec

from runtime.journal.disk import Disk
from runtime.journal.format import ENDED, HEADER, HEADER_BYTES, RECORD_BYTES, LogRecord
from runtime.journal.log import AppendLog, LogLimits, open_log
from runtime.journal.reader import JournalReader
from runtime.testing import FakeDisk

__all__ = [
    "HEADER_PAYLOAD",
    "SEGMENT_BYTES",
    "a_disk",
    "a_journal",
    "begun",
    "payload",
    "records_of",
    "small_log",
    "starts",
]

HEADER_PAYLOAD = msgspec.json.encode({"run_id": "r1"})
SEGMENT_BYTES = 256


def payload(number: int) -> bytes:
    """Payloads of uneven length."""
    return msgspec.json.encode({"number": number, "text": "x" * (number * 7 % 23)})


def small_log(disk: Disk, segment_bytes: int = SEGMENT_BYTES) -> AppendLog:
    """Tiny segments, so that a few records make several."""
    return open_log(disk, LogLimits(segment_bytes=segment_bytes))


def begun(disk: Disk, segment_bytes: int = SEGMENT_BYTES) -> AppendLog:
    """A log with its header on disk."""
    log = small_log(disk, segment_bytes)
    log.append(HEADER, 0, HEADER_PAYLOAD)
    log.commit()
    return log


def a_journal(
    groups: Sequence[int] = (3, 1, 2), *, is_ended: bool = True, segment_bytes: int = SEGMENT_BYTES
) -> FakeDisk:
    """A header, groups of so many records, and an end; closed."""
    disk = FakeDisk()
    log = begun(disk, segment_bytes)
    for size in groups:
        for _ in range(size):
            number = log.next_sequence
            log.append("tell", number * 1000, payload(number))
        log.commit()
    if is_ended:
        log.append(ENDED, log.next_sequence * 1000, b"")
    log.close()
    return disk


def records_of(disk: Disk) -> list[LogRecord]:
    """Everything readable; raises at damage."""
    return list(JournalReader(disk))


def a_disk(files: dict[str, bytes]) -> FakeDisk:
    """These files, durable."""
    disk = FakeDisk()
    for name, data in files.items():
        disk.put(name, data)
    return disk


def starts(files: dict[str, bytes], records: list[LogRecord]) -> list[tuple[str, int, int]]:
    """(segment, offset, size) of every record, seals left out."""
    found = []
    names = iter(sorted(files))
    name, offset = next(names), HEADER_BYTES
    for record in records:
        size = RECORD_BYTES + len(record.kind) + len(record.payload)
        if len(files[name]) - offset < size or files[name][offset + 3] == 0:
            name, offset = next(names), HEADER_BYTES
        found.append((name, offset, size))
        offset += size
    return found
