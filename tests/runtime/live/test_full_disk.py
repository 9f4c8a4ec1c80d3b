"""D11 with a real full disk: a small tmpfs under the journal of a real process."""

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.edges.disk import FolderDisk
from runtime.journal.reader import examine
from tests.runtime.live.processes import service
from tests.skips import may_mount

BOUND_S = 60.0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 96 KiB."""
    place = tmp_path / "small"
    place.mkdir()
    if not may_mount():
        pytest.skip("mounting a small tmpfs needs CAP_SYS_ADMIN")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=96k", "tmpfs", str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=False)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_D11_a_full_disk_ends_the_run_in_order_with_exit_1_and_one_line(small_disk: Path) -> None:
    port, folder = free_port(), small_disk / "journal"
    with service(
        "docs.examples.echo_service", "--port", str(port), "--journal", str(folder), keeps_errors=True
    ) as echo:
        assert echo.line().startswith("up;")
        with socket.create_connection(("127.0.0.1", port), timeout=BOUND_S) as caller:
            try:
                while True:
                    caller.sendall(b"line " + b"x" * 500 + b"\n")
                    if not caller.recv(65536):
                        break
            except OSError:
                pass
        assert echo.ends_within(BOUND_S) == 1
        errors = echo.errors().splitlines()
    assert errors[0] == "journal: empty, 0 records"
    (line,) = errors[1:]
    assert line.startswith("failed: journal: JournalFull: ")
    assert "No space left on device" in line
    report = examine(FolderDisk(folder))
    assert report.damage is None
    assert report.record_count > 10
