"""What a journal's examination found: how its last writer ended, how much there is, what a crash left behind."""

from enum import Enum

import attrs

from runtime.journal.errors import Damage

__all__ = ["JournalState", "Report", "Torn"]


class JournalState(Enum):
    """How the last writer of a journal ended."""

    EMPTY = "empty"  # not one whole record: nobody wrote, or who did crashed in the first write
    ENDED = "ended"  # the last record says so
    CRASHED = "crashed"  # no orderly end; every record up to the end, or up to the torn rest, is good
    CORRUPT = "corrupt"  # damaged where no crash damages


@attrs.frozen
class Torn:
    """What a crash in the middle of a write left behind: everything in `segment` from `offset` on, and, where a new
    segment was being made, the file `unfinished`. None of it was ever durable, as far as can be known.
    """

    segment: str
    offset: int
    byte_count: int
    what: str
    unfinished: str | None = None


@attrs.frozen
class Report:
    """`record_count` good records in `segment_count` segments, `byte_count` bytes in all, torn ones not counted."""

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
