"""The power goes at every operation of a story; whatever survives must be a whole prefix with all that was promised."""

from collections.abc import Callable, Iterator

from runtime.journal.disk import Disk
from runtime.journal.errors import JournalCorrupt
from runtime.journal.format import ENDED, HEADER, LogRecord
from runtime.journal.log import AppendLog
from runtime.journal.report import JournalState
from runtime.testing import DiskDied, FakeDisk, Filling, Tear
from tests.runtime.journal.journals import HEADER_PAYLOAD, payload, records_of, small_log

__all__ = ["FEW_TEARS", "STORY", "TEARS", "OpenLog", "broken_promise", "first_broken_promise", "run_story"]

OpenLog = Callable[[Disk], AppendLog]

GROUPS = ((0,), (1, 2, 3), (4,), (5, 6, 7, 8), (9, 10))
STORY = [
    LogRecord(0, 0, HEADER, HEADER_PAYLOAD),
    *(LogRecord(number, number * 1000, "tell", payload(number)) for number in range(1, 10)),
    LogRecord(10, 10_000, ENDED, b""),
]

SURVIVORS = (0, 1, 31, 32, 60, 63, 64, 65, 100, 150, 4096)
TEARS = [Tear(kept, how, names) for kept in SURVIVORS for how in Filling for names in (False, True)]
FEW_TEARS = [Tear(), Tear(40, Filling.GARBAGE), Tear(64, Filling.ZEROS, True), Tear(4096, keeps_names=True)]


def run_story(disk: FakeDisk, open_it: OpenLog = small_log) -> int:
    """Write the story until its end or the disk's; the last sequence that was promised to be durable."""
    log: AppendLog | None = None
    try:
        log = open_it(disk)
        for group in GROUPS:
            for number in group:
                log.append(STORY[number].kind, STORY[number].time_ns, STORY[number].payload)
            log.commit()
        log.close()
    except DiskDied:
        pass
    return -1 if log is None else log.synced


def broken_promise(disk: FakeDisk, promised: int) -> str | None:
    """What a restart finds wrong: damage, a story with a hole, a promise not kept, a journal that cannot go on."""
    try:
        log = small_log(disk)
    except JournalCorrupt as error:
        return str(error)
    kept = records_of(disk)
    if kept != STORY[: len(kept)]:
        return f"the {len(kept)} records are no beginning of the story"
    if len(kept) <= promised:
        return f"{promised} was promised, {len(kept)} records are there"
    is_whole = len(kept) == len(STORY)
    if (log.found.state is JournalState.ENDED) is not is_whole and log.found.torn is None:
        return f"{log.found.state} after {len(kept)} records"
    log.append(HEADER, 11_000, HEADER_PAYLOAD)
    log.append("tell", 11_001, bytes(150))
    log.close()
    if [record.sequence for record in records_of(disk)] != list(range(len(kept) + 2)):
        return "the next run's records are not there"
    return None


def deaths(open_it: OpenLog, tears: list[Tear]) -> Iterator[tuple[int, Tear, FakeDisk, int]]:
    """The story with the power gone at every operation in turn, and every tear: operation, tear, disk, promise."""
    whole = FakeDisk()
    run_story(whole, open_it)
    for operation in range(len(whole.operations) + 1):
        for tear in tears:
            disk = FakeDisk(die_at=operation)
            promised = run_story(disk, open_it)
            disk.crash(tear)
            yield operation, tear, disk, promised


def first_broken_promise(open_it: OpenLog, tears: list[Tear]) -> str | None:
    """The first death that breaks a promise, in words; None if there is none."""
    for operation, tear, disk, promised in deaths(open_it, tears):
        if what := broken_promise(disk, promised):
            return f"death at operation {operation}, {tear}: {what}"
    return None
