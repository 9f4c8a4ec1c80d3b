"""The append log: sequences, groups, bounds, and how it dies. Statements J1 and so on stand in docs/journal.md."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from types import FrameType
from typing import Any

import pytest

from runtime.journal.errors import JournalFailed, JournalFull, JournalLocked, JournalMisuse, JournalOverflow
from runtime.journal.format import ENDED, HEADER, PAYLOAD_BYTES, RECORD_BYTES, LogRecord
from runtime.journal.log import AppendLog, LogLimits, open_log
from runtime.journal.reader import examine
from runtime.journal.report import JournalState
from runtime.testing import FakeDisk
from tests.runtime.journal.journals import HEADER_PAYLOAD, a_journal, begun, payload, records_of, small_log

BOUND_S = 30


def test_what_is_appended_is_read_back_in_order() -> None:
    disk = a_journal((3, 1))
    assert records_of(disk) == [
        LogRecord(0, 0, HEADER, HEADER_PAYLOAD),
        *(LogRecord(number, number * 1000, "tell", payload(number)) for number in range(1, 5)),
        LogRecord(5, 5000, ENDED, b""),
    ]


def test_nothing_is_written_before_a_commit() -> None:
    disk = FakeDisk()
    log = begun(disk)
    done = len(disk.operations)
    assert log.append("tell", 1, b"a") == 1
    assert log.synced == 0
    assert len(disk.operations) == done
    assert log.pending_bytes == RECORD_BYTES + len(b"tell") + 1


@pytest.mark.parametrize("size", [1, 2, 100])
def test_j2_a_group_costs_one_write_and_one_sync(size: int) -> None:
    disk = FakeDisk()
    log = begun(disk, segment_bytes=1 << 20)
    before = len(disk.operations)
    for number in range(size):
        log.append("tell", number, b"payload")
    assert log.commit() == size
    assert disk.operations[before:] == [("append", "000000.log"), ("sync", "000000.log")]


def test_j2_an_empty_commit_costs_nothing() -> None:
    disk = FakeDisk()
    log = begun(disk)
    before = len(disk.operations)
    assert log.commit() == 0
    assert len(disk.operations) == before


def test_j2_a_new_segment_is_durable_before_the_old_one_is_sealed_and_before_it_is_used() -> None:
    disk = FakeDisk()
    log = begun(disk)
    before = len(disk.operations)
    log.append("tell", 1, bytes(40))
    log.append("tell", 1, bytes(120))
    log.commit()
    assert disk.operations[before:] == [
        ("append", "000000.log"),
        ("create", "000001.log"),
        ("append", "000001.log"),
        ("sync", "000001.log"),
        ("sync_folder", ""),
        ("append", "000000.log"),
        ("sync", "000000.log"),
        ("append", "000001.log"),
        ("sync", "000001.log"),
    ]


def test_segments_keep_their_size_and_a_larger_record_gets_one_of_its_own() -> None:
    disk = FakeDisk()
    log = begun(disk)
    for size in (10, 300, 10, 10):
        log.append("tell", 0, bytes(size))
    log.close()
    sizes = {name: len(data) for name, data in disk.contents().items()}
    assert sizes["000001.log"] > 256
    assert all(size <= 256 for name, size in sizes.items() if name != "000001.log")
    assert [len(record.payload) for record in records_of(disk)[1:]] == [10, 300, 10, 10]


def test_j15_the_bytes_do_not_depend_on_how_records_were_grouped() -> None:
    assert a_journal((6,)).contents() == a_journal((1, 2, 3)).contents() == a_journal((1,) * 6).contents()


def test_more_may_be_appended_while_a_batch_is_written() -> None:
    disk = FakeDisk()
    log = begun(disk)
    log.append("tell", 1, b"first")
    batch = log.take_batch()
    assert batch is not None
    assert log.append("tell", 2, b"second") == 2
    assert log.write(batch) == 1
    assert [record.payload for record in records_of(disk)] == [HEADER_PAYLOAD, b"first"]
    assert log.commit() == 2
    assert log.pending_bytes == 0


def test_a_thread_writes_while_the_owner_appends() -> None:
    class Slow(FakeDisk):
        """A sync that ends when the test lets it."""

        def sync(self, name: str) -> None:
            if is_slow.is_set():
                started.set()
                assert may_end.wait(BOUND_S)
            super().sync(name)

    is_slow, started, may_end = Event(), Event(), Event()
    disk = Slow()
    log = begun(disk)
    log.append("tell", 1, b"first")
    batch = log.take_batch()
    assert batch is not None
    is_slow.set()
    with ThreadPoolExecutor(1) as pool:
        written = pool.submit(log.write, batch)
        assert started.wait(BOUND_S)
        assert [log.append("tell", number, bytes(90)) for number in (2, 3, 4)] == [2, 3, 4]
        assert log.synced == 0
        with pytest.raises(JournalMisuse, match="wait for it"):
            log.close()  # the files may not be closed under the writer
        may_end.set()
        assert written.result(BOUND_S) == log.synced == 1
    assert log.commit() == 4
    assert [record.sequence for record in records_of(disk)] == [0, 1, 2, 3, 4]


def test_batches_are_written_one_at_a_time() -> None:
    log = begun(FakeDisk())
    assert log.take_batch() is None
    log.append("tell", 1, b"")
    batch = log.take_batch()
    assert batch is not None
    log.append("tell", 2, b"")
    with pytest.raises(JournalMisuse, match="one at a time"):
        log.take_batch()
    log.write(batch)
    with pytest.raises(JournalMisuse, match="not the batch"):
        log.write(batch)


def test_j10_a_full_buffer_refuses_and_takes_nothing() -> None:
    disk = FakeDisk()
    log = open_log(disk, LogLimits(pending_bytes=200))
    log.append(HEADER, 0, HEADER_PAYLOAD)
    log.append("tell", 1, b"fits")
    with pytest.raises(JournalOverflow, match="bytes wait"):
        log.append("tell", 2, bytes(60))
    assert log.commit() == 1
    assert log.append("tell", 2, bytes(60)) == 2
    batch = log.take_batch()
    assert batch is not None
    with pytest.raises(JournalOverflow):
        log.append("tell", 3, bytes(80))  # a batch on its way to the disk waits too
    log.write(batch)
    log.append("tell", 3, bytes(80))
    log.close()
    assert [record.sequence for record in records_of(disk)] == [0, 1, 2, 3]


def test_j14_a_run_opens_with_a_header_and_nothing_but_a_header_follows_an_end() -> None:
    disk = FakeDisk()
    log = small_log(disk)
    with pytest.raises(JournalMisuse, match="cannot open a run"):
        log.append("tell", 0, b"")
    log.append(HEADER, 0, HEADER_PAYLOAD)
    log.append(ENDED, 1, b"")
    with pytest.raises(JournalMisuse, match="cannot open a run"):
        log.append("tell", 2, b"")
    log.close()
    log = small_log(disk)
    assert log.found.state is JournalState.ENDED
    with pytest.raises(JournalMisuse, match="cannot open a run"):
        log.append("tell", 2, b"")
    assert log.append(HEADER, 2, b"another run") == 2
    log.close()
    assert examine(disk).run_count == 2


@pytest.mark.parametrize(
    ("kind", "time_ns", "size"),
    [("", 0, 0), ("x" * 256, 0, 0), ("é", 0, 0), ("a\nb", 0, 0), ("tell", 1 << 63, 0), ("tell", 0, PAYLOAD_BYTES + 1)],
)
def test_a_record_that_the_format_cannot_hold_is_refused(kind: str, time_ns: int, size: int) -> None:
    log = begun(FakeDisk())
    with pytest.raises(JournalMisuse):
        log.append(kind, time_ns, bytes(size))
    assert log.append("x" * 255, -(1 << 63), b"") == 1


@pytest.mark.parametrize("sync", [0, 1, 2])
def test_j7_a_failed_sync_ends_the_log_for_ever(sync: int) -> None:
    disk = FakeDisk()
    log = begun(disk)
    for number in (1, 2, 3):
        log.append("tell", number, bytes(70))  # one sync for a group, three more and the folder's for a segment
    disk.fail_sync_at = disk.count("sync") + disk.count("sync_folder") + sync
    with pytest.raises(JournalFailed, match="Input/output error") as caught:
        log.commit()
    assert caught.value.is_fatal
    assert log.failure is caught.value
    done = len(disk.operations)
    for again in (log.commit, log.take_batch, lambda: log.append("tell", 9, b"")):
        with pytest.raises(JournalFailed):
            again()
    log.close()
    assert len(disk.operations) == done
    assert log.synced == 0
    assert small_log(disk).found.state is JournalState.CRASHED


def test_j7_whatever_interrupts_the_log_leaves_it_dead_and_the_journal_whole() -> None:
    """A signal's exception at every line of append, take_batch and write in turn."""
    interrupted = 0
    for line in range(1, 400):
        disk = FakeDisk()
        log = begun(disk)
        log.append("tell", 1, bytes(70))
        log.commit()
        try:
            with interrupted_at(line):
                log.append("tell", 2, bytes(70))
                log.append("tell", 3, bytes(70))
                log.commit()
        except KeyboardInterrupt:
            interrupted += 1
        log.close()
        found = examine(disk)
        assert found.damage is None, (line, found.damage)
        assert found.record_count > log.synced
    assert interrupted > 60


@contextmanager
def interrupted_at(line: int) -> Iterator[None]:
    """KeyboardInterrupt at the line-th line that runs in the journal's own files."""
    count = 0

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal count
        if "/runtime/journal/" not in frame.f_code.co_filename or "/tests/" in frame.f_code.co_filename:
            return None
        if event == "line":
            count += 1
            if count == line:
                raise KeyboardInterrupt
        return trace

    earlier = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(earlier)


def test_j8_a_full_disk_is_told_at_every_byte_and_the_journal_stays_whole() -> None:
    whole = sum(len(data) for data in a_journal((2, 2, 2)).contents().values())
    for limit in range(whole):
        disk = FakeDisk(full_at=limit)
        log = small_log(disk)
        with pytest.raises(JournalFull, match="No space left"):
            _write_the_story(log)
        synced = log.synced
        log.close()
        disk.crash()
        again = small_log(disk)
        assert again.synced >= synced
        assert [record.sequence for record in records_of(disk)] == list(range(again.next_sequence))


def _write_the_story(log: AppendLog) -> None:
    log.append(HEADER, 0, HEADER_PAYLOAD)
    log.commit()
    for number in range(1, 7):
        log.append("tell", number * 1000, payload(number))
        if number % 2 == 0:
            log.commit()
    log.append(ENDED, 7000, b"")
    log.commit()


def test_j9_a_second_writer_is_refused_by_name_until_the_first_has_closed() -> None:
    disk = FakeDisk(path="run.journal")
    log = begun(disk)
    with pytest.raises(JournalLocked, match=r"run\.journal"):
        small_log(disk)
    log.close()
    small_log(disk).close()


def test_a_closed_log_takes_nothing_and_may_be_closed_again() -> None:
    log = begun(FakeDisk())
    log.close()
    log.close()
    with pytest.raises(JournalMisuse, match="closed"):
        log.append("tell", 0, b"")


def test_closing_commits_what_waits() -> None:
    disk = FakeDisk()
    log = begun(disk)
    log.append("tell", 1, b"last words")
    log.close()
    disk.crash()
    assert records_of(disk)[-1].payload == b"last words"


@pytest.mark.parametrize("is_ended", [True, False])
def test_a_log_goes_on_where_the_last_one_stopped(is_ended: bool) -> None:
    disk = a_journal((3, 2), is_ended=is_ended)
    seen: list[LogRecord] = []
    log = open_log(disk, LogLimits(segment_bytes=256), seen.append)
    assert seen == records_of(disk)
    assert log.found.record_count == log.next_sequence == len(seen)
    assert log.synced == len(seen) - 1
    log.append(HEADER, 9000, b"second run")
    log.append("tell", 9001, b"x")
    log.close()
    assert [record.sequence for record in records_of(disk)] == list(range(len(seen) + 2))
