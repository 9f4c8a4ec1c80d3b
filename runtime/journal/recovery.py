"""Opens a journal for its next writer: reads all of it, raises at damage, cuts a torn end.

What is read counts as durable afterwards, so the last files are settled first: a process may have died between a write
and its sync, and the cache would then show what the disk does not hold.
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
    """Lock, read and cut; `each` is called with every record. The reader's report is from before the cut."""
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
    """The JournalFailed or JournalFull that stands for a system error."""
    kind = JournalFull if error.errno in _FULL else JournalFailed
    return kind(f"{disk.path}: {error.strerror or error}: the journal takes no more")


def _recover(disk: Disk, each: Callable[[LogRecord], None] | None) -> JournalReader:
    # At most two files may not be settled: the one being written and the one being created. A name that is not durable
    # does not matter: its segment has no record yet.
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
    """Remove the segments of a journal without a record; it starts again from its first byte."""
    names = [name for name in disk.names() if index_of(name) is not None]
    for name in names:
        disk.remove(name)
    if names:
        disk.sync_folder()
