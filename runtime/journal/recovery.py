"""Opening a journal for its next writer: read all of it, refuse damage, cut what a crash left torn.

What is read counts as durable afterwards, so the last files are settled first: a process may have died between a write
and its sync, and the cache would show what the disk does not hold.
"""

import errno
from collections.abc import Callable

from runtime.journal.disk import Disk
from runtime.journal.errors import JournalFailed, JournalFull
from runtime.journal.format import LogRecord, index_of
from runtime.journal.reader import JournalReader
from runtime.journal.report import JournalState

__all__ = ["failed", "recover"]

_FULL = (errno.ENOSPC, errno.EDQUOT)


def recover(disk: Disk, each: Callable[[LogRecord], None] | None) -> JournalReader:
    """Lock, read, cut; `each` sees every record. The reader's report tells what was found before the cut."""
    try:
        disk.lock()
        try:
            return _recover(disk, each)
        except BaseException:
            disk.unlock()
            raise
    except OSError as error:
        raise failed(disk, error) from error


def failed(disk: Disk, error: OSError) -> JournalFailed:
    """The journal's error for the system's."""
    kind = JournalFull if error.errno in _FULL else JournalFailed
    return kind(f"{disk.path}: {error.strerror or error}: the journal takes no more")


def _recover(disk: Disk, each: Callable[[LogRecord], None] | None) -> JournalReader:
    # At most two files are not settled: the one that was written and the one that was being made. A name that is not
    # durable needs no care: its segment has no record yet.
    for name in [name for name in disk.names() if index_of(name) is not None][-2:]:
        disk.settle(name)
    reader = JournalReader(disk)
    for record in reader:
        if each is not None:
            each(record)
    if reader.report.state is JournalState.EMPTY:
        _start_over(disk)
    elif (torn := reader.torn) is not None:
        if torn.unfinished is not None:
            disk.remove(torn.unfinished)
            disk.sync_folder()
        if torn.byte_count:
            disk.truncate(torn.segment, torn.offset)
            disk.sync(torn.segment)
    return reader


def _start_over(disk: Disk) -> None:
    """A journal without a record is made anew from its first byte."""
    names = [name for name in disk.names() if index_of(name) is not None]
    for name in names:
        disk.remove(name)
    if names:
        disk.sync_folder()
