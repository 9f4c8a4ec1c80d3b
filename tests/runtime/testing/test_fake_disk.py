"""The fake disk loses what it should lose, keeps what it should keep, and fails where it is told."""

import pytest

from runtime.testing import DiskDied, FakeDisk, Filling, Tear


def a_disk() -> FakeDisk:
    """`old` durable with `kept`, then `lost` unsynced; `new` synced, its name not."""
    disk = FakeDisk()
    disk.put("old", b"kept")
    disk.append("old", b"lost")
    disk.create("new")
    disk.append("new", b"bytes")
    disk.sync("new")
    return disk


@pytest.mark.parametrize(
    ("tear", "expected"),
    [
        (Tear(), {"old": b"kept"}),
        (Tear(2), {"old": b"keptlo"}),
        (Tear(2, Filling.ZEROS), {"old": b"keptlo\0\0"}),
        (Tear(99), {"old": b"keptlost"}),
        (Tear(0, keeps_names=True), {"old": b"kept", "new": b"bytes"}),
    ],
)
def test_a_crash_takes_back_what_was_not_synced(tear: Tear, expected: dict[str, bytes]) -> None:
    disk = a_disk()
    assert disk.contents() == {"old": b"keptlost", "new": b"bytes"}
    disk.crash(tear)
    assert disk.contents() == expected
    disk.crash()
    assert disk.contents() == expected


def test_garbage_is_of_the_seed_alone() -> None:
    def after(seed: int) -> bytes:
        disk = a_disk()
        disk.crash(Tear(1, Filling.GARBAGE, seed=seed))
        return disk.contents()["old"]

    assert after(1) == after(1)
    assert after(1) != after(2)
    assert after(1)[:5] == b"keptl"
    assert len(after(1)) == 8


def test_a_removal_and_a_cut_are_undone_until_they_are_synced() -> None:
    disk = a_disk()
    disk.sync("old")
    disk.sync_folder()
    disk.truncate("old", 1)
    disk.remove("new")
    assert disk.contents() == {"old": b"k"}
    disk.crash()
    assert disk.contents() == {"old": b"keptlost", "new": b"bytes"}
    disk.truncate("old", 1)
    disk.sync("old")
    disk.remove("new")
    disk.sync_folder()
    disk.crash()
    assert disk.contents() == {"old": b"k"}


def test_it_dies_at_the_operation_it_is_told_and_stays_dead() -> None:
    disk = FakeDisk(die_at=2)
    disk.create("a")
    disk.sync_folder()
    with pytest.raises(DiskDied, match="append a"):
        disk.append("a", b"abc")
    for again in (disk.names, disk.sync_folder, lambda: disk.size("a"), disk.lock):
        with pytest.raises(DiskDied):
            again()
    assert disk.operations == [("create", "a"), ("sync_folder", ""), ("append", "a")]
    disk.crash(Tear(2))
    assert disk.contents() == {"a": b"ab"}


def test_a_sync_at_which_it_dies_did_not_happen() -> None:
    disk = FakeDisk(die_at=3)
    disk.create("a")
    disk.sync_folder()
    disk.append("a", b"abc")
    with pytest.raises(DiskDied):
        disk.sync("a")
    disk.crash()
    assert disk.contents() == {"a": b""}


def test_a_full_disk_takes_what_it_can() -> None:
    disk = FakeDisk(full_at=5)
    disk.create("a")
    disk.append("a", b"abc")
    with pytest.raises(OSError, match="No space left"):
        disk.append("a", b"defg")
    assert disk.contents() == {"a": b"abcde"}


def test_bytes_of_a_failed_sync_are_seen_and_never_kept() -> None:
    disk = FakeDisk(fail_sync_at=1)
    disk.create("a")
    disk.sync_folder()
    disk.append("a", b"abc")
    with pytest.raises(OSError, match="Input/output error"):
        disk.sync("a")
    disk.sync("a")
    assert disk.contents() == {"a": b"abc"}
    disk.settle("a")
    assert disk.contents() == {"a": b"\0\0\0"}
    disk.append("a", b"d")
    disk.sync("a")
    disk.crash()
    assert disk.contents() == {"a": b"\0\0\0d"}


def test_a_flip_is_there_for_every_reader_and_after_a_crash() -> None:
    disk = a_disk()
    disk.flip("old", 1, bit=3)
    assert disk.contents()["old"] == b"kmptlost"
    disk.crash()
    assert disk.contents()["old"] == b"kmpt"
    assert disk.count("append") == 2
