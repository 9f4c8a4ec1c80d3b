"""The real disk, held to what the journal needs of one; the fake disk is held to the same."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runtime.edges.disk import FolderDisk
from runtime.journal.disk import Disk
from runtime.journal.errors import JournalFailed, JournalFull, JournalLocked
from runtime.journal.format import ENDED, HEADER
from runtime.journal.log import LogLimits, open_log
from runtime.journal.reader import examine
from runtime.journal.report import JournalState
from runtime.testing import FakeDisk
from tests.runtime.journal.journals import a_journal, payload, records_of

ROOT = Path(__file__).resolve().parents[3]
BOUND_S = 60


@pytest.fixture(params=["real", "fake"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Disk:
    return FolderDisk(tmp_path / "run.journal") if request.param == "real" else FakeDisk()


def test_a_file_grows_and_is_read_in_pieces(disk: Disk) -> None:
    assert list(disk.names()) == []
    disk.lock()
    disk.create("b")
    disk.append("b", b"one ")
    disk.append("b", b"two")
    disk.create("a")
    disk.append("b", b"!")
    disk.sync("b")
    disk.sync_folder()
    assert list(disk.names()) == ["a", "b"]
    assert (disk.size("a"), disk.size("b")) == (0, 8)
    assert disk.read("b", 0, 100) == b"one two!"
    assert disk.read("b", 4, 3) == b"two"
    assert disk.read("b", 8, 3) == b""
    disk.unlock()


def test_a_file_is_cut_settled_and_taken_away(disk: Disk) -> None:
    disk.lock()
    disk.create("a")
    disk.append("a", b"abcdef")
    disk.truncate("a", 2)
    disk.settle("a")
    disk.append("a", b"z")
    assert disk.read("a", 0, 9) == b"abz"
    disk.remove("a")
    assert list(disk.names()) == []
    disk.unlock()


def test_what_is_there_is_not_made_and_what_is_not_there_is_not_read(disk: Disk) -> None:
    disk.lock()
    disk.create("a")
    with pytest.raises(FileExistsError):
        disk.create("a")
    for use in (
        disk.size,
        disk.sync,
        disk.remove,
        lambda name: disk.append(name, b""),
        lambda name: disk.read(name, 0, 1),
    ):
        with pytest.raises(FileNotFoundError):
            use("b")
    disk.unlock()


def test_j9_the_lock_is_held_once_and_given_back(tmp_path: Path) -> None:
    first, second = FolderDisk(tmp_path / "run.journal"), FolderDisk(tmp_path / "run.journal")
    first.lock()
    with pytest.raises(JournalLocked, match=r"run\.journal"):
        second.lock()
    first.unlock()
    second.lock()
    second.unlock()


def test_a_journal_has_the_same_bytes_on_either_disk(tmp_path: Path) -> None:
    real = FolderDisk(tmp_path / "run.journal")
    log = open_log(real, LogLimits(segment_bytes=256))
    log.append(HEADER, 0, records_of(a_journal())[0].payload)
    for number in range(1, 7):
        log.append("tell", number * 1000, payload(number))
        log.commit()
    log.append(ENDED, 7000, b"")
    log.close()
    assert {name: real.read(name, 0, 1000) for name in real.names()} == a_journal((6,)).contents()
    again = open_log(FolderDisk(tmp_path / "run.journal"))
    assert again.found.state is JournalState.ENDED
    again.close()


def counted(name: str, calls: list[str]) -> Callable[..., Any]:
    """The os function of that name, telling that it was called."""
    real = getattr(os, name)

    def call(*args: Any) -> Any:
        calls.append(name)
        return real(*args)

    return call


def test_j2_a_group_is_one_fdatasync_on_the_real_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = open_log(FolderDisk(tmp_path / "run.journal"))
    log.append(HEADER, 0, b"")
    log.commit()
    calls: list[str] = []
    for name in ("write", "fdatasync", "fsync", "open"):
        monkeypatch.setattr(os, name, counted(name, calls))
    for number in range(100):
        log.append("tell", number, bytes(100))
    log.commit()
    assert calls == ["write", "fdatasync"]
    log.close()


def test_the_journals_own_name_is_made_durable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(os, "fsync", lambda file: synced.append(Path(os.readlink(f"/proc/self/fd/{file}"))))
    disk = FolderDisk(tmp_path / "run.journal")
    log = open_log(disk)
    assert synced == [tmp_path]
    log.append(HEADER, 0, b"")
    log.commit()
    assert synced == [tmp_path, tmp_path / "run.journal"]
    log.close()


def test_a_write_that_the_system_takes_in_pieces_is_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:7]))
    disk = FolderDisk(tmp_path / "run.journal")
    log = open_log(disk)
    log.append(HEADER, 0, bytes(100))
    log.close()
    assert examine(disk).record_count == 1


def test_j8_a_file_that_may_not_grow_further_fails_the_log_and_opens_again(tmp_path: Path) -> None:
    """A real refusal of a real write: the limit on file sizes, in a process of its own."""
    code = f"""
import resource, signal
from runtime.edges.disk import FolderDisk
from runtime.journal.errors import JournalFailed
from runtime.journal.log import open_log
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
log = open_log(FolderDisk({str(tmp_path / "run.journal")!r}))
log.append("header", 0, b"")
log.commit()
try:
    for number in range(100):
        log.append("tell", number, bytes(100))
        log.commit()
except JournalFailed as error:
    print(log.synced, error)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=BOUND_S)
    synced, _, said = done.stdout.partition(" ")
    assert "File too large" in said, done.stderr
    log = open_log(FolderDisk(tmp_path / "run.journal"))
    assert log.synced >= int(synced) > 0
    assert log.found.torn is not None
    log.close()


def test_j8_a_full_disk_has_an_error_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = open_log(FolderDisk(tmp_path / "run.journal"))
    log.append(HEADER, 0, b"")
    log.commit()
    full = os.open("/dev/full", os.O_WRONLY)
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, data: write(full, data))
    log.append("tell", 0, b"")
    with pytest.raises(JournalFull, match="No space left on device"):
        log.commit()
    log.close()
    os.close(full)


def test_a_folder_that_cannot_be_made_is_a_failure_by_name(tmp_path: Path) -> None:
    with pytest.raises(JournalFailed, match="No such file"):
        open_log(FolderDisk(tmp_path / "nowhere" / "run.journal"))


WRITER = """
import sys
from runtime.edges.disk import FolderDisk
from runtime.journal.log import LogLimits, open_log
log = open_log(FolderDisk(sys.argv[1]), LogLimits(segment_bytes=2000))
log.append("header", 0, b"child")
log.commit()
print(log.synced, flush=True)
number = 0
while True:
    for _ in range(5):
        number += 1
        log.append("tell", number, number.to_bytes(40, "big"))
    print(log.commit(), flush=True)
"""


def a_writer(journal: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", WRITER, str(journal)], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_j9_another_process_is_refused_until_the_first_is_dead_however_it_died(tmp_path: Path) -> None:
    journal = tmp_path / "run.journal"
    with a_writer(journal) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == "0\n"
            with pytest.raises(JournalLocked, match=r"run\.journal: this journal is open for writing elsewhere"):
                open_log(FolderDisk(journal))
            for _ in range(20):  # a reader is welcome, whatever the writer is doing
                found = examine(FolderDisk(journal))
                assert found.damage is None
                assert found.record_count > 0
        finally:
            child.kill()
    open_log(FolderDisk(journal)).close()


@pytest.mark.parametrize("lines", [1, 2, 7, 40])
def test_j1_what_a_killed_process_promised_is_there(tmp_path: Path, lines: int) -> None:
    """SIGKILL proves that nothing hides in our own buffers; what the power takes is the fake disk's story."""
    journal = tmp_path / "run.journal"
    with a_writer(journal) as child:
        assert child.stdout is not None
        for _ in range(lines):
            child.stdout.readline()
        child.send_signal(signal.SIGKILL)
        promised = [int(line) for line in child.stdout.read().split("\n")[:-1]]
    log = open_log(FolderDisk(journal))
    assert log.found.state is JournalState.CRASHED
    assert log.synced >= max([5 * (lines - 1), *promised])
    log.close()
    records = records_of(FolderDisk(journal))[1:]
    assert [int.from_bytes(record.payload, "big") for record in records] == list(range(1, len(records) + 1))
