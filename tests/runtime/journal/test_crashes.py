"""Killed at every write and every sync, with every tear: nothing promised is lost, and nothing is half there (J1)."""

from contextlib import suppress

import pytest

from runtime.journal.errors import JournalError, JournalFailed
from runtime.journal.format import HEADER, LogRecord
from runtime.journal.log import AppendLog, LogLimits, open_log
from runtime.journal.report import JournalState
from runtime.testing import DiskDied, FakeDisk, Filling, Tear
from tests.runtime.journal.crashing import FEW_TEARS, STORY, TEARS, broken_promise, first_broken_promise, run_story
from tests.runtime.journal.journals import SEGMENT_BYTES, begun, records_of, small_log


def test_the_story_makes_segments_and_ends() -> None:
    disk = FakeDisk()
    assert run_story(disk) == len(STORY) - 1
    assert records_of(disk) == STORY
    assert len(disk.contents()) > 3
    disk.crash()
    assert small_log(disk).found.state is JournalState.ENDED


@pytest.mark.slow
def test_j1_what_was_synced_survives_a_death_at_every_operation() -> None:
    assert first_broken_promise(small_log, TEARS) is None


@pytest.mark.slow
def test_j1_a_second_death_during_the_recovery_loses_nothing_either() -> None:
    total = FakeDisk()
    run_story(total)
    died = sum(
        _die_while_recovering(operation, first, second)
        for operation in range(len(total.operations))
        for first in FEW_TEARS
        for second in (Tear(), Tear(4096, keeps_names=True))
    )
    assert died > 200


def _die_while_recovering(operation: int, first: Tear, second: Tear) -> int:
    """Every death of the recovery after that death of the story; how many there were."""
    for step in range(20):
        disk = FakeDisk(die_at=operation)
        promised = run_story(disk)
        disk.crash(first)
        disk.die_at = len(disk.operations) + step
        try:
            small_log(disk)
        except DiskDied:
            disk.crash(second)
            assert broken_promise(disk, promised) is None, (operation, first, step, second)
        else:
            return step
    raise AssertionError("a recovery of 20 operations")


@pytest.mark.slow
def test_j1_a_second_life_may_die_at_every_operation_too() -> None:
    whole = FakeDisk()
    run_story(whole)
    for operation in range(0, len(whole.operations), 3):
        for step in range(1, 60, 2):
            disk = FakeDisk(die_at=operation)
            run_story(disk)
            disk.crash(Tear(50, Filling.GARBAGE, keeps_names=True))
            disk.die_at = len(disk.operations) + step
            before, promised = _second_life(disk)
            disk.crash(Tear(70, Filling.ZEROS))
            log = small_log(disk)
            assert log.synced >= promised
            assert records_of(disk)[: len(before)] == before


def _second_life(disk: FakeDisk) -> tuple[list[LogRecord], int]:
    """What it found, and what it promised on top, before it died."""
    found: list[LogRecord] = []
    log: AppendLog | None = None
    with suppress(DiskDied):
        log = open_log(disk, LogLimits(SEGMENT_BYTES), found.append)
        for number in range(12):
            log.append(HEADER if number == 0 else "tell", number, bytes(30))
            log.commit()
    return (found, log.synced) if log is not None else ([], -1)


@pytest.mark.parametrize("operation", range(40))
def test_what_a_start_has_cut_does_not_come_back(operation: int) -> None:
    for tear in (*FEW_TEARS, Tear(20, Filling.ZEROS, True)):
        disk = FakeDisk(die_at=operation)
        run_story(disk)
        disk.crash(tear)
        small_log(disk)
        cut = disk.contents()
        disk.crash()
        assert disk.contents() == cut


def test_j1_j7_a_start_promises_what_the_medium_holds_and_not_what_the_cache_shows() -> None:
    """The process died, not the machine: after a write, or after a sync that failed."""
    written = FakeDisk()
    log = begun(written)
    written.die_at = len(written.operations) + 1
    log.append("tell", 1, b"written, not synced")
    with pytest.raises(DiskDied):
        log.commit()
    written.revive()
    assert (promised := small_log(written).synced) == 1
    written.crash()
    assert len(records_of(written)) == promised + 1

    failed = FakeDisk()
    log = begun(failed)
    failed.fail_sync_at = failed.count("sync") + failed.count("sync_folder")
    log.append("tell", 1, b"written, sync failed")
    with pytest.raises(JournalFailed):
        log.commit()
    log.close()
    assert len(records_of(failed)) == 2  # the cache shows it
    assert small_log(failed).synced == 0


def test_j1_after_a_death_of_the_process_a_power_loss_takes_nothing_that_the_next_start_has_read() -> None:
    """Both files that were being written are settled: the full segment and the one that was being made."""
    whole = FakeDisk()
    run_story(whole)
    for operation in range(len(whole.operations)):
        disk = FakeDisk(die_at=operation)
        run_story(disk)
        disk.revive()
        promised = small_log(disk).synced
        disk.crash()
        assert broken_promise(disk, promised) is None, operation


def test_a_segment_without_a_record_is_used_by_the_next_life() -> None:
    """The power went after the seal: a large record then needs no further segment."""
    disk = FakeDisk()
    log = begun(disk)
    log.append("tell", 1, bytes(200))
    disk.die_at = len(disk.operations) + 6
    with pytest.raises(DiskDied):
        log.commit()
    disk.crash()
    log = small_log(disk)
    log.append("tell", 1, bytes(1000))
    log.close()
    assert list(disk.names()) == ["000000.log", "000001.log"]


def test_j7_every_sync_that_fails_is_told_and_what_was_promised_before_it_survives() -> None:
    whole = FakeDisk()
    run_story(whole)
    syncs = whole.count("sync") + whole.count("sync_folder")
    assert syncs > 15
    for sync in range(1, syncs):
        for tear in FEW_TEARS:
            disk = FakeDisk(fail_sync_at=sync)
            log = small_log(disk)
            with pytest.raises(JournalFailed):
                run_story(disk, lambda _, log=log: log)  # type: ignore[misc]
            promised = log.synced
            disk.crash(tear)
            assert broken_promise(disk, promised) is None


def test_a_disk_that_fails_while_it_is_opened_is_a_failure_of_the_journal() -> None:
    disk = FakeDisk()
    run_story(disk)
    disk.fail_sync_at = disk.count("sync") + disk.count("sync_folder")
    with pytest.raises(JournalFailed):
        small_log(disk)
    assert isinstance(JournalFailed("x"), JournalError)
    small_log(disk).close()  # the lock was given back
