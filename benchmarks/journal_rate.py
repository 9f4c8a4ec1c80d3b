"""Measures how many records a second the journal takes, by group size, on this disk and on a disk in memory.

Every group is one write and one fdatasync: small groups are limited by the disk, large ones by our own code.
"""

import argparse
import tempfile
import time
from pathlib import Path

from runtime.edges.disk import FolderDisk
from runtime.journal.disk import Disk
from runtime.journal.format import HEADER
from runtime.journal.log import open_log
from runtime.testing.disk import FakeDisk

__all__ = ["main"]

PAYLOAD = b"x" * 100


def records_per_second(disk: Disk, records: int, group: int) -> float:
    """Records of a hundred bytes, committed `group` at a time."""
    log = open_log(disk)
    log.append(HEADER, 0, b"{}")
    begun = time.perf_counter()
    for number in range(records):
        log.append("tell", number, PAYLOAD)
        if number % group == group - 1:
            log.commit()
    log.commit()
    taken = time.perf_counter() - begun
    log.close()
    return records / taken


def main(argv: list[str] | None = None) -> None:
    """One row a group size."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--records", type=int, default=100_000)
    chosen = options.parse_args(argv)
    for group in (1, 10, 100, 1_000):
        count = min(chosen.records, group * 2_000)
        with tempfile.TemporaryDirectory() as folder:
            on_disk = records_per_second(FolderDisk(Path(folder) / "journal"), count, group)
        in_memory = records_per_second(FakeDisk(), count, group)
        print(f"groups of {group:>5}  {on_disk:>10,.0f} records/s on disk  {in_memory:>10,.0f} in memory")


if __name__ == "__main__":
    main()
