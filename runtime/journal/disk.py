"""What a journal needs of a disk: one folder of append-only files. The real one is `runtime.edges.disk`.

A file's bytes are durable once `sync` of it has returned, its name once `sync_folder` has; before that a crash may
take either. Every method raises OSError as the system gives it: the log decides what that means.
"""

from collections.abc import Sequence
from typing import Protocol

__all__ = ["Disk"]


class Disk(Protocol):
    """A folder that one process may write."""

    @property
    def path(self) -> str:
        """The folder, for messages."""

    def lock(self) -> None:
        """Make the folder if it is not there and hold it alone; JournalLocked if another does."""

    def unlock(self) -> None:
        """Let go of the folder and of every open file."""

    def names(self) -> Sequence[str]:
        """The files of the folder, sorted; none if there is no folder."""

    def size(self, name: str) -> int:
        """Bytes of the file."""

    def read(self, name: str, offset: int, size: int) -> bytes:
        """Up to `size` bytes from `offset`; fewer only where the file ends."""

    def create(self, name: str) -> None:
        """Make an empty file; FileExistsError if it is there."""

    def append(self, name: str, data: bytes) -> None:
        """Write all of `data` at the file's end; after an OSError a part of it may be there."""

    def sync(self, name: str) -> None:
        """Make the file's bytes and length durable."""

    def sync_folder(self) -> None:
        """Make creations and removals durable."""

    def truncate(self, name: str, size: int) -> None:
        """Cut the file to `size` bytes."""

    def remove(self, name: str) -> None:
        """Take the file away."""

    def settle(self, name: str) -> None:
        """Sync the file and forget what is cached of it: what is read next is what the medium holds."""
