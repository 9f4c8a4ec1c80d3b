"""The report on a journal: how its last writer ended, how much it holds, and what a crash left behind."""

from enum import Enum

import attrs

from runtime.journal.errors import Damage

__all__ = ["JournalState", "Report", "Torn"]


class JournalState(Enum):
    """How the last writer of a journal ended."""

    EMPTY = "empty"  # no whole record: nothing was written, or the first write crashed
    ENDED = "ended"  # the last record is `ended`
    CRASHED = "crashed"  # no orderly end; every record up to the end, or up to a torn end, is good
    CORRUPT = "corrupt"  # damage that no crash causes


@attrs.frozen
class Torn:
    """The rest of an interrupted write: `byte_count` bytes of `segment` from `offset` on.

    `unfinished` is the file of a new segment that was being created, if any. As far as can be known, none of it was
    ever durable.
    """

    segment: str
    offset: int
    byte_count: int
    what: str
    unfinished: str | None = None


@attrs.frozen
class Report:
    """`record_count` good records in `segment_count` segments of `byte_count` bytes; torn bytes are not counted."""

    path: str
    state: JournalState
    segment_count: int
    record_count: int
    run_count: int
    byte_count: int
    first_time_ns: int | None
    last_time_ns: int | None
    torn: Torn | None
    damage: Damage | None
