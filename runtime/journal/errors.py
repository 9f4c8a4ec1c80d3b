"""The journal's errors.

JournalError
├─ JournalLocked     open for writing in another process
├─ JournalCorrupt    damage that no crash causes; says where
├─ JournalFailed     a write or sync failed: fatal, the log accepts no more
│  └─ JournalFull    ... because the disk is full
├─ JournalOverflow   the buffer is full; the record was not taken
└─ JournalMisuse     our bug: a record too large or out of order, or a closed log
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
    """Damage at byte `offset` of `segment`, where record `sequence` was expected; `what` says what is there."""

    segment: str
    offset: int
    sequence: int
    what: str

    def __str__(self) -> str:
        return f"{self.segment}: offset {self.offset}, sequence {self.sequence}: {self.what}"


class JournalError(Exception):
    """Root of the journal's errors."""


class JournalLocked(JournalError):
    """Another process has the journal open for writing; only one may."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path}: this journal is open for writing elsewhere: only one process may")
        self.path = path


class JournalCorrupt(JournalError):
    """The journal has damage that no crash causes."""

    def __init__(self, path: str, damage: Damage) -> None:
        super().__init__(f"{path}/{damage}")
        self.path = path
        self.damage = damage


class JournalFailed(JournalError):
    """A write or sync failed. Not retried: after a failed sync the page cache may differ from the disk."""

    is_fatal = True


class JournalFull(JournalFailed):
    """The disk (or its quota) is full."""


class JournalOverflow(JournalError):
    """The buffer is full: write what is pending, then append again."""


class JournalMisuse(JournalError):
    """The caller broke the log's contract."""
