"""What can go wrong with a journal, and whose fault it is.

JournalError
├─ JournalLocked     open for writing elsewhere
├─ JournalCorrupt    damage that no crash of ours leaves: refuse, with the place
├─ JournalFailed     a write or sync failed: fatal, the log is dead for ever
│  └─ JournalFull    ... because the disk is full
├─ JournalOverflow   more is waiting to be written than the bound allows; nothing was taken
└─ JournalMisuse     ours: a record too large or out of place, a log that is closed
"""

import attrs

__all__ = [
    "Damage",
    "JournalCorrupt",
    "JournalError",
    "JournalFailed",
    "JournalFull",
    "JournalLocked",
    "JournalMisuse",
    "JournalOverflow",
]


@attrs.frozen
class Damage:
    """A place in a journal: byte `offset` of `segment`, where the record `sequence` was expected, and what is there."""

    segment: str
    offset: int
    sequence: int
    what: str

    def __str__(self) -> str:
        return f"{self.segment}: offset {self.offset}, sequence {self.sequence}: {self.what}"


class JournalError(Exception):
    """Root of the journal's errors."""


class JournalLocked(JournalError):
    """Opened by two: only one process may write a journal."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path}: this journal is open for writing elsewhere: only one process may")
        self.path = path


class JournalCorrupt(JournalError):
    """The journal is damaged where no crash damages it."""

    def __init__(self, path: str, damage: Damage) -> None:
        super().__init__(f"{path}/{damage}")
        self.path = path
        self.damage = damage


class JournalFailed(JournalError):
    """A write or sync failed. Never retried: after a failed sync the page cache no longer tells what the disk holds."""

    is_fatal = True


class JournalFull(JournalFailed):
    """The disk (or its quota) is full."""


class JournalOverflow(JournalError):
    """The buffer's bound is reached: write what waits, then append again."""


class JournalMisuse(JournalError):
    """The caller broke the log's contract."""
