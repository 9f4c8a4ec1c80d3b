"""The disk interface of a journal: one folder of append-only files. `runtime.edges.disk` is the real one.

A file's bytes are durable once its `sync` has returned, its name once `sync_folder` has; before that a crash may lose
either. Every method raises the system's OSError; the log decides what that means.
"""

from collections.abc import Sequence
from typing import Protocol

__all__ = ["Disk"]


class Disk(Protocol):
    """A folder that at most one process writes."""

    @property
    def path(self) -> str:
        """The folder's path, for messages."""

    def lock(self) -> None:
        """Create the folder if needed and lock it; JournalLocked if another process holds it."""

    def unlock(self) -> None:
        """Release the lock and close every file."""

    def names(self) -> Sequence[str]:
        """The folder's file names, sorted; empty if there is no folder."""

    def size(self, name: str) -> int:
        """The file's size in bytes."""

    def read(self, name: str, offset: int, size: int) -> bytes:
        """Up to `size` bytes from `offset`; fewer only where the file ends."""

    def create(self, name: str) -> None:
        """Create an empty file; FileExistsError if it exists."""

    def append(self, name: str, data: bytes) -> None:
        """Write all of `data` at the file's end; after an OSError a part of it may have been written."""

    def sync(self, name: str) -> None:
        """Make the file's bytes and length durable."""

    def sync_folder(self) -> None:
        """Make created and removed names durable."""

    def truncate(self, name: str, size: int) -> None:
        """Cut the file to `size` bytes."""

    def remove(self, name: str) -> None:
        """Remove the file."""

    def settle(self, name: str) -> None:
        """Sync the file and drop its cached pages, so that the next read shows what the medium holds."""
