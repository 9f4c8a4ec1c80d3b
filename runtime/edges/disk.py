"""The journal's real disk: a folder, its files, flock and fdatasync.

The lock is on the folder itself and ends with the process, however it ends. Each read opens the file again, so that a
reader in another process is independent of the writer.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from runtime.journal.errors import JournalLocked

__all__ = ["FolderDisk"]

_FILE_MODE = 0o640


class FolderDisk:
    """The folder `path`; its parent must exist."""

    def __init__(self, path: str | Path) -> None:
        self._folder = Path(path)
        self._locked: int | None = None
        self._open: tuple[str, int] | None = None  # the file being written

    @property
    def path(self) -> str:
        """The folder's path, as given."""
        return str(self._folder)

    def lock(self) -> None:
        """Create the folder durably if needed and lock it; JournalLocked if another process holds it."""
        self._folder.mkdir(exist_ok=True)
        _sync_folder(self._folder.parent)
        locked = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(locked, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(locked)
            raise JournalLocked(self.path) from None
        self._locked = locked

    def unlock(self) -> None:
        """Close every file and release the lock."""
        self._close_file()
        if self._locked is not None:
            os.close(self._locked)
            self._locked = None

    def names(self) -> Sequence[str]:
        """The folder's file names, sorted."""
        return sorted(os.listdir(self._folder)) if self._folder.exists() else []

    def size(self, name: str) -> int:
        """The file's size in bytes."""
        return os.stat(self._folder / name).st_size

    def read(self, name: str, offset: int, size: int) -> bytes:
        """Up to `size` bytes from `offset`."""
        parts = []
        with _opened(self._folder / name, os.O_RDONLY) as file:
            while size > 0 and (part := os.pread(file, size, offset)):
                parts.append(part)
                offset += len(part)
                size -= len(part)
        return b"".join(parts)

    def create(self, name: str) -> None:
        """Create an empty file and keep it open for appending."""
        self._close_file()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        self._open = name, os.open(self._folder / name, flags, _FILE_MODE)

    def append(self, name: str, data: bytes) -> None:
        """Write all of `data`; the system may take it in pieces."""
        file = self._writer(name)
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(file, rest) :]

    def sync(self, name: str) -> None:
        """One fdatasync."""
        os.fdatasync(self._writer(name))

    def sync_folder(self) -> None:
        """One fsync of the folder."""
        _sync_folder(self._folder)

    def truncate(self, name: str, size: int) -> None:
        """Cut the file."""
        os.ftruncate(self._writer(name), size)

    def remove(self, name: str) -> None:
        """Remove the file."""
        self._close_file()
        os.unlink(self._folder / name)

    def settle(self, name: str) -> None:
        """Sync the file and drop its cached pages, which after a failed sync may differ from the medium."""
        file = self._writer(name)
        os.fdatasync(file)
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)

    def _writer(self, name: str) -> int:
        if self._open is None or self._open[0] != name:
            self._close_file()
            self._open = name, os.open(self._folder / name, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        return self._open[1]

    def _close_file(self) -> None:
        if self._open is not None:
            file, self._open = self._open[1], None
            os.close(file)


@contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    file = os.open(path, flags | os.O_CLOEXEC)
    try:
        yield file
    finally:
        os.close(file)


def _sync_folder(folder: Path) -> None:
    with _opened(folder, os.O_RDONLY | os.O_DIRECTORY) as opened:
        os.fsync(opened)
