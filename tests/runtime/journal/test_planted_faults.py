"""Logs with a planted fault: the story of deaths, and the damage, must find each of them."""

from contextlib import suppress
from typing import Any

import pytest

from runtime.journal import layout
from runtime.journal.disk import Disk
from runtime.journal.format import RECORD_BYTES, encode_record
from runtime.journal.layout import Opening
from runtime.journal.log import AppendLog, Batch
from runtime.journal.reader import JournalReader, examine
from runtime.journal.report import JournalState
from runtime.journal.segment import Segment
from runtime.testing import FakeDisk
from tests.runtime.journal.crashing import FEW_TEARS, TEARS, OpenLog, broken_promise, first_broken_promise, run_story
from tests.runtime.journal.journals import a_journal, begun, small_log


def planted(kind: type[AppendLog]) -> OpenLog:
    """The log that `small_log` opens, of the faulty class."""

    def open_it(disk: Disk) -> AppendLog:
        log = small_log(disk)
        log.__class__ = kind
        return log

    return open_it


class TellsTooEarly(AppendLog):
    """Promises a batch before its sync."""

    def write(self, batch: Batch) -> int:
        self._synced = batch.last_sequence
        return super().write(batch)


class SyncsNoFolder(AppendLog):
    """A new segment's name is left to luck."""

    def _make(self, name: str, opening: Opening) -> None:
        disk = self._disk
        disk.create(name)
        disk.append(name, opening.header)
        disk.sync(name)
        if opening.sealed is not None:
            disk.append(opening.sealed, opening.seal)
            disk.sync(opening.sealed)


class SealsTooEarly(AppendLog):
    """Says that a segment follows before it does."""

    def _make(self, name: str, opening: Opening) -> None:
        if opening.sealed is not None:
            self._disk.append(opening.sealed, opening.seal)
            self._disk.sync(opening.sealed)
        super()._make(name, Opening(opening.header, None, b""))


class UsesTooEarly(AppendLog):
    """Goes on in a new segment whose header is not yet durable."""

    def _make(self, name: str, opening: Opening) -> None:
        self._disk.create(name)
        self._disk.sync_folder()
        self._disk.append(name, opening.header)
        if opening.sealed is not None:
            self._disk.append(opening.sealed, opening.seal)
            self._disk.sync(opening.sealed)


@pytest.mark.parametrize("kind", [TellsTooEarly, SyncsNoFolder, SealsTooEarly, UsesTooEarly])
def test_a_log_that_hurries_is_caught(kind: type[AppendLog]) -> None:
    assert first_broken_promise(planted(kind), TEARS) is not None


def test_a_log_that_does_not_sync_at_all_is_caught() -> None:
    class Hopeful(FakeDisk):
        def sync(self, name: str) -> None:
            self._check_alive()

    disk = Hopeful()
    promised = run_story(disk)
    disk.crash()
    assert broken_promise(disk, promised) is not None


def test_a_log_that_tries_a_failed_sync_again_is_caught() -> None:
    class TriesAgain(FakeDisk):
        def sync(self, name: str) -> None:
            with suppress(OSError):
                super().sync(name)
            super().sync(name)

        def sync_folder(self) -> None:
            with suppress(OSError):
                super().sync_folder()
            super().sync_folder()

    found = []
    for sync in range(2, 40, 2):  # the first of the two that each has become
        disk = TriesAgain(fail_sync_at=sync)
        promised = run_story(disk)
        disk.crash()
        found.append(broken_promise(disk, promised))
    assert any(found)


def test_a_recovery_that_trusts_the_cache_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process died between a write and its sync: the record is read, promised, and then gone."""
    monkeypatch.setattr(FakeDisk, "settle", lambda self, name: None)
    disk = FakeDisk()
    log = begun(disk)
    log.append("tell", 1000, b"written")
    monkeypatch.setattr(FakeDisk, "sync", lambda self, name: None)
    log.commit()
    log._disk.unlock()
    promised = small_log(disk).synced
    disk.crash()
    assert examine(disk).record_count <= promised


def test_a_chain_that_nobody_checks_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two journals that begin alike: a record of one in the other is told by the chain alone."""

    def without_chain(kind: bytes, data: bytes, sequence: int, time_ns: int, previous: int, salt: int) -> Any:
        return encode_record(kind, data, sequence, time_ns, 0, salt)

    def spliced() -> FakeDisk:
        disks = []
        for text in (b"one", b"two"):
            disks.append(FakeDisk())
            log = begun(disks[-1])
            log.append("tell", 1, text)
            log.append("tell", 2, text)
            log.close()
        size = RECORD_BYTES + len(b"tell") + 3
        one, two = (disk.contents()["000000.log"] for disk in disks)
        disk = FakeDisk()
        disk.put("000000.log", one[:-size] + two[-size:])
        return disk

    assert examine(spliced()).state is JournalState.CORRUPT
    monkeypatch.setattr(layout, "encode_record", without_chain)
    assert examine(spliced()).record_count < 3  # an honest reader finds no chain
    monkeypatch.setattr(JournalReader, "_check_place", lambda self, segment, head, data: None)
    assert examine(spliced()).state is JournalState.CRASHED  # and one that does not look takes the splice


def test_a_reader_that_does_not_look_further_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the search for a later good record a flip would cut the rest of the journal away."""
    monkeypatch.setattr(Segment, "next_good", lambda self, offset, salt: None)
    disk = a_journal((6,), segment_bytes=1 << 20)
    disk.flip("000000.log", 200)
    assert examine(disk).state is not JournalState.CORRUPT


def test_the_story_itself_breaks_no_promise() -> None:
    assert first_broken_promise(planted(AppendLog), FEW_TEARS) is None
