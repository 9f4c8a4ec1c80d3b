"""Any records, in any groups, in segments of any size: what is appended is read back, or the loss is reported."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.journal.format import ENDED, HEADER, HEADER_BYTES, LogRecord
from runtime.journal.log import AppendLog, LogLimits, open_log
from runtime.journal.reader import examine
from runtime.journal.report import JournalState
from runtime.testing import DiskDied, FakeDisk, Filling, Tear
from tests.runtime.journal.journals import records_of, starts

KINDS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=12).filter(
    lambda kind: kind not in (HEADER, ENDED)
)
TIMES = st.integers(-(1 << 63), (1 << 63) - 1)
ENTRIES = st.tuples(KINDS, TIMES, st.binary(max_size=90))
GROUPS = st.lists(st.lists(ENTRIES, max_size=5), max_size=6)
SEGMENTS = st.integers(1, 600)


def write(log: AppendLog, groups: list[list[tuple[str, int, bytes]]], header: bytes) -> list[LogRecord]:
    entries: list[list[tuple[str, int, bytes]]] = [[(HEADER, 0, header)], *groups]
    written = []
    for group in entries:
        for kind, time_ns, payload in group:
            written.append(LogRecord(log.append(kind, time_ns, payload), time_ns, kind, payload))
        log.commit()
    return written


@pytest.mark.slow
@given(GROUPS, SEGMENTS, st.binary(max_size=40))
def test_what_goes_in_comes_out_whatever_the_segment_size(
    groups: list[list[tuple[str, int, bytes]]], segment_bytes: int, header: bytes
) -> None:
    disk = FakeDisk()
    log = open_log(disk, LogLimits(segment_bytes))
    written = write(log, groups, header)
    log.close()
    assert records_of(disk) == written
    report = examine(disk)
    assert report.byte_count == sum(len(data) for data in disk.contents().values())
    assert report.segment_count == len(disk.contents())
    assert report.torn is None
    crowded = [name for name, data in disk.contents().items() if len(data) > segment_bytes]
    homes = [name for name, _, _ in starts(disk.contents(), written)]
    assert all(homes.count(name) == 1 for name in crowded)


@pytest.mark.slow
@given(st.lists(st.tuples(GROUPS, SEGMENTS), min_size=2, max_size=3))
def test_runs_follow_one_another_with_other_segment_sizes(
    runs: list[tuple[list[list[tuple[str, int, bytes]]], int]],
) -> None:
    disk = FakeDisk()
    written: list[LogRecord] = []
    for groups, segment_bytes in runs:
        seen: list[LogRecord] = []
        log = open_log(disk, LogLimits(segment_bytes), seen.append)
        assert seen == written
        written += write(log, groups, b"run")
        log.close()
    assert records_of(disk) == written


TEARS = st.builds(Tear, st.integers(0, 400), st.sampled_from(Filling), st.booleans(), st.integers(0, 99))


@pytest.mark.slow
@given(GROUPS, SEGMENTS, st.binary(max_size=40), st.integers(0, 30), TEARS)
def test_j1_a_death_in_a_group_keeps_all_before_it_and_whole_records_of_it(
    groups: list[list[tuple[str, int, bytes]]], segment_bytes: int, payload: bytes, step: int, tear: Tear
) -> None:
    disk = FakeDisk()
    log = open_log(disk, LogLimits(segment_bytes))
    written = write(log, groups, b"header")
    for number in range(3):
        written.append(LogRecord(log.append("last", number, payload), number, "last", payload))
    disk.die_at = len(disk.operations) + step
    with suppress(DiskDied):
        log.commit()
    disk.crash(tear)
    after = open_log(disk, LogLimits(segment_bytes))
    assert records_of(disk) == written[: after.next_sequence]
    assert after.next_sequence > log.synced
    assert log.synced in (len(written) - 4, len(written) - 1)


@pytest.mark.slow
@given(GROUPS, st.integers(100, 600), st.data())
def test_a_flipped_bit_is_never_read_as_a_record(
    groups: list[list[tuple[str, int, bytes]]], segment_bytes: int, data: st.DataObject
) -> None:
    disk = FakeDisk()
    log = open_log(disk, LogLimits(segment_bytes))
    written = write(log, groups, b"header")
    log.close()
    name = data.draw(st.sampled_from(list(disk.names())))
    disk.flip(name, data.draw(st.integers(0, disk.size(name) - 1)), data.draw(st.integers(0, 7)))
    report = examine(disk)
    assert report.record_count < len(written)
    assert (report.state is JournalState.CORRUPT) is (report.torn is None)
    assert report.byte_count >= HEADER_BYTES * report.segment_count
