"""Killed at every write and every sync, with every tear: nothing promised is lost, and nothing is half there (J1)."""

import pytest

from runtime.journal.errors import JournalError, JournalFailed
from runtime.journal.report import JournalState
from runtime.testing import DiskDied, FakeDisk, Tear
from tests.runtime.journal.crashing import FEW_TEARS, STORY, TEARS, broken_promise, first_broken_promise, run_story
from tests.runtime.journal.journals import records_of, small_log


def test_the_story_makes_segments_and_ends() -> None:
    disk = FakeDisk()
    assert run_story(disk) == len(STORY) - 1
    assert records_of(disk) == STORY
    assert len(disk.contents()) > 3
    disk.crash()
    assert small_log(disk).found.state is JournalState.ENDED


def test_j1_what_was_synced_survives_a_death_at_every_operation() -> None:
    assert first_broken_promise(small_log, TEARS) is None


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
