"""A disk in memory that loses what a real one may lose, and crashes, fills up or fails at a chosen operation.

For each file it keeps what is durable and what a reader sees. A crash loses every byte that was not synced and every
name whose folder was not synced, unless a `Tear` says that some of it survives. After a failed sync it behaves like a
page cache: readers still see bytes that no later sync will write. It does not reorder pages within one write, and does
not damage synced bytes.
"""

import errno
from collections.abc import Callable, Sequence
from enum import Enum

import attrs

from runtime.journal.errors import JournalLocked
from runtime.rng import RandomStream

__all__ = ["DiskDied", "FakeDisk", "Filling", "Tear"]


class DiskDied(Exception):
    """Power failed at this operation: the process has ended; call `crash` to apply what the disk kept."""


class Filling(Enum):
    """What a file holds where unsynced bytes were lost although the file had grown."""

    NOTHING = "nothing"  # the file did not grow
    ZEROS = "zeros"
    GARBAGE = "garbage"


@attrs.frozen
class Tear:
    """The first `survived` unsynced bytes of each file survive; unsynced names survive if `keeps_names`."""

    survived: int = 0
    filling: Filling = Filling.NOTHING
    keeps_names: bool = False
    seed: int = 0


@attrs.define
class _File:
    live: bytearray = attrs.field(factory=bytearray)
    durable: bytes = b""
    lies: list[tuple[int, int]] = attrs.field(factory=list)  # seen by readers, never written to the medium


class FakeDisk:
    """One folder. `operations` lists what was done: (method name, file)."""

    def __init__(
        self,
        *,
        die_at: int | None = None,
        full_at: int | None = None,
        fail_sync_at: int | None = None,
        fail_at: int | None = None,
        path: str = "fake.journal",
    ) -> None:
        """All counts start at 0. `die_at`: the operation that raises DiskDied. `full_at`: the disk's capacity in bytes.

        `fail_sync_at`: the file or folder sync that fails once. `fail_at`: the operation that fails once, without
        effect.
        """
        self.path = path
        self.die_at = die_at
        self.full_at = full_at
        self.fail_sync_at = fail_sync_at
        self.fail_at = fail_at
        self.operations: list[tuple[str, str]] = []
        self._files: dict[str, _File] = {}
        self._durable_names: dict[str, _File] = {}
        self._syncs = 0
        self._is_locked = False
        self._is_dead = False

    # -- as a disk ----------------------------------------------------------------------------------------------------

    def lock(self) -> None:
        """Lock the folder for one log; JournalLocked if another holds it."""
        self._check_alive()
        if self._is_locked:
            raise JournalLocked(self.path)
        self._is_locked = True

    def unlock(self) -> None:
        """Release the lock; also after DiskDied, because a process that has ended holds no lock."""
        self._is_locked = False

    def names(self) -> Sequence[str]:
        """The file names, sorted."""
        self._check_alive()
        return sorted(self._files)

    def size(self, name: str) -> int:
        """The file's size in bytes, as a reader sees it."""
        return len(self._file(name).live)

    def read(self, name: str, offset: int, size: int) -> bytes:
        """The bytes that a reader sees."""
        return bytes(self._file(name).live[offset : offset + size])

    def create(self, name: str) -> None:
        """Create an empty file."""
        self._check_alive()
        if name in self._files:
            raise FileExistsError(errno.EEXIST, "File exists", name)
        self._do("create", name, lambda: self._files.update({name: _File()}))

    def append(self, name: str, data: bytes) -> None:
        """Write at the end; a full disk takes what fits and then raises OSError."""
        file = self._file(name)
        room = len(data) if self.full_at is None else max(self.full_at - self._used(), 0)
        self._do("append", name, lambda: file.live.extend(data[:room]))
        if room < len(data):
            raise OSError(errno.ENOSPC, "No space left on device")

    def sync(self, name: str) -> None:
        """Make the file's bytes durable, unless this sync is set to fail."""
        file = self._file(name)
        self._do("sync", name, lambda: self._sync_file(file), is_early=True)

    def sync_folder(self) -> None:
        """Make the names durable, unless this sync is set to fail."""
        self._do("sync_folder", "", self._sync_names, is_early=True)

    def truncate(self, name: str, size: int) -> None:
        """Cut the file; a crash undoes it until it is synced."""
        file = self._file(name)
        self._do("truncate", name, lambda: file.live.__delitem__(slice(size, None)))

    def remove(self, name: str) -> None:
        """Remove the file; a crash undoes it until the folder is synced."""
        self._file(name)
        self._do("remove", name, lambda: self._files.__delitem__(name))

    def settle(self, name: str) -> None:
        """Sync the file, then show readers what the medium holds."""
        self.sync(name)
        file = self._file(name)
        file.live, file.lies = bytearray(file.durable), []

    # -- as a test drives it ------------------------------------------------------------------------------------------

    def count(self, operation: str) -> int:
        """How often a method was called."""
        return sum(name == operation for name, _ in self.operations)

    def crash(self, tear: Tear | None = None) -> None:
        """Lose power and restart: unsynced data is lost except for `tear`; lock and planned faults are cleared."""
        tear = tear or Tear()
        names = {**self._durable_names, **self._files} if tear.keeps_names else self._durable_names
        noise = RandomStream(tear.seed, "tear")
        self._files = {name: _File(bytearray(_remains(file, tear, noise))) for name, file in sorted(names.items())}
        for file in self._files.values():
            file.durable = bytes(file.live)
        self._durable_names = dict(self._files)
        self.die_at = self.full_at = self.fail_sync_at = self.fail_at = None
        self._is_locked = self._is_dead = False

    def revive(self) -> None:
        """End the process only: the next one sees what it wrote, and the lock is free."""
        self.die_at = None
        self._is_locked = self._is_dead = False

    def flip(self, name: str, offset: int, bit: int = 0) -> None:
        """Flip one bit of a file on the medium, for every reader from now on."""
        file = self._file(name)
        file.live[offset] ^= 1 << bit
        if offset < len(file.durable):
            file.durable = b"".join((file.durable[:offset], bytes([file.live[offset]]), file.durable[offset + 1 :]))

    def put(self, name: str, data: bytes) -> None:
        """Create a file with these bytes, already durable."""
        self._files[name] = self._durable_names[name] = _File(bytearray(data), data)

    def contents(self) -> dict[str, bytes]:
        """Every file as a reader sees it."""
        return {name: bytes(file.live) for name, file in sorted(self._files.items())}

    # -- inside -------------------------------------------------------------------------------------------------------

    def _do(self, operation: str, name: str, effect: Callable[[], None], *, is_early: bool = False) -> None:
        """Count the operation and do it.

        `die_at` takes effect after a write, so that a tear may keep any part of it, and before a sync.
        """
        self._check_alive()
        is_last = len(self.operations) == self.die_at
        fails = len(self.operations) == self.fail_at
        self.operations.append((operation, name))
        if fails:
            raise OSError(errno.EIO, "Input/output error")
        if not (is_last and is_early):
            effect()
        if is_last:
            self._is_dead = True
            raise DiskDied(f"{operation} {name}".rstrip())

    def _sync_file(self, file: _File) -> None:
        if self._sync_fails():
            file.lies.append((len(file.durable), len(file.live)))
            raise OSError(errno.EIO, "Input/output error")
        durable = bytearray(file.live)
        for start, stop in file.lies:
            durable[start:stop] = bytes(stop - start)
        file.durable = bytes(durable)

    def _sync_names(self) -> None:
        if self._sync_fails():
            raise OSError(errno.EIO, "Input/output error")
        self._durable_names = dict(self._files)

    def _sync_fails(self) -> bool:
        self._syncs += 1
        return self._syncs - 1 == self.fail_sync_at

    def _file(self, name: str) -> _File:
        self._check_alive()
        if name not in self._files:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", name)
        return self._files[name]

    def _used(self) -> int:
        return sum(len(file.live) for file in self._files.values())

    def _check_alive(self) -> None:
        if self._is_dead:
            raise DiskDied("the process is gone")


def _remains(file: _File, tear: Tear, noise: RandomStream) -> bytes:
    """What a file holds after a crash; a cut that was not synced is undone."""
    unsynced = bytes(file.live[len(file.durable) :])
    kept, lost = unsynced[: tear.survived], unsynced[tear.survived :]
    if tear.filling is Filling.ZEROS:
        kept += bytes(len(lost))
    elif tear.filling is Filling.GARBAGE:
        kept += bytes(int(noise.random() * 256) for _ in lost)
    return file.durable + kept
