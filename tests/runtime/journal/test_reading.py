"""Reading: a record at a time, a chunk in memory (J12), and beside a writer that goes on."""

from collections.abc import Sequence

import pytest

from runtime.journal.errors import JournalCorrupt
from runtime.journal.format import ENDED, HEADER, HEADER_BYTES, RECORD_BYTES
from runtime.journal.reader import JournalReader, examine
from runtime.journal.report import JournalState
from runtime.journal.segment import CHUNK_BYTES
from runtime.testing import FakeDisk
from tests.runtime.journal.journals import HEADER_PAYLOAD, a_journal, begun, records_of, small_log


class Watched(FakeDisk):
    """Notes how much is read at once, and lets something happen before a size is told."""

    def __init__(self) -> None:
        super().__init__()
        self.read_sizes: list[int] = []

    def read(self, name: str, offset: int, size: int) -> bytes:
        self.read_sizes.append(size)
        return super().read(name, offset, size)


def test_j12_a_long_segment_is_read_in_chunks_and_a_longer_record_whole() -> None:
    disk = Watched()
    log = begun(disk, segment_bytes=1 << 30)
    for number in range(40):
        log.append("tell", number, bytes(100_000))
        log.commit()
    log.append("tell", 0, bytes(3 * CHUNK_BYTES))
    log.append(ENDED, 0, b"")
    log.close()
    disk.read_sizes.clear()
    reader = iter(JournalReader(disk))
    assert next(reader).kind == HEADER
    assert len(disk.read_sizes) <= 2
    assert [len(record.payload) for record in reader] == [100_000] * 40 + [3 * CHUNK_BYTES, 0]
    assert sorted(disk.read_sizes)[-2] <= CHUNK_BYTES
    assert sum(disk.read_sizes) < 2 * disk.size("000000.log")


def test_a_reader_follows_a_writer_into_segments_that_were_not_there_when_it_began() -> None:
    disk = FakeDisk()
    log = begun(disk)
    log.append("tell", 1, b"first")
    log.commit()
    reader = JournalReader(disk)
    records = iter(reader)
    assert [next(records).sequence, next(records).sequence] == [0, 1]
    for number in range(2, 12):
        log.append("tell", number, bytes(90))
        log.commit()
    assert len(disk.contents()) > 3
    assert [record.sequence for record in records] == list(range(2, 12))
    assert reader.report.state is JournalState.CRASHED  # or still being written: nobody can tell
    assert reader.torn is None


@pytest.mark.parametrize("is_before", [True, False])
def test_segments_that_appear_while_a_reader_makes_up_its_mind_are_no_damage(is_before: bool) -> None:
    class Busy(FakeDisk):
        """A writer comes by when the folder is listed for the n-th time, just before or just after."""

        visit_in = 0

        def names(self) -> Sequence[str]:
            before = super().names()
            self.visit_in -= 1
            if self.visit_in == 0:
                for _ in range(3):
                    log.append("tell", 1, bytes(90))
                    log.commit()
            return super().names() if is_before else before

    for visit_in in (1, 2):
        disk = Busy()
        log = begun(disk)
        disk.visit_in = visit_in
        report = examine(disk)
        assert report.damage is None
        assert report.torn is None
        assert report.record_count == log.next_sequence > 3


def test_a_reader_beside_a_half_written_record_sees_it_torn_and_later_whole() -> None:
    disk = a_journal((2,), is_ended=False, segment_bytes=1 << 20)
    whole = disk.contents()["000000.log"]
    for size in range(HEADER_BYTES + RECORD_BYTES + len(HEADER) + len(HEADER_PAYLOAD), len(whole)):
        half = FakeDisk()
        half.put("000000.log", whole[:size])
        reader = JournalReader(half)
        records = iter(reader)
        next(records)
        half.put("000000.log", whole)
        assert [record.sequence for record in records] == [1, 2]
        assert reader.torn is None


def test_a_report_before_the_end_tells_what_was_read_so_far() -> None:
    disk = a_journal((3, 3))
    reader = JournalReader(disk)
    records = iter(reader)
    next(records)
    next(records)
    assert reader.report.record_count == 2
    assert reader.report.state is JournalState.CRASHED


def test_a_report_counts_what_a_reader_meets() -> None:
    disk = a_journal((3, 3))
    log = small_log(disk)
    log.append(HEADER, 99_000, b"again")
    log.close()
    report = examine(disk)
    assert (report.first_time_ns, report.last_time_ns) == (0, 99_000)
    assert (report.run_count, report.record_count) == (2, len(records_of(disk)))
    assert report.path == "fake.journal"


def test_damage_met_once_stays_in_the_report() -> None:
    disk = a_journal((3, 3))
    disk.flip("000000.log", 70)
    reader = JournalReader(disk)
    with pytest.raises(JournalCorrupt) as caught:
        list(reader)
    assert reader.report.damage == caught.value.damage
    assert reader.report.state is JournalState.CORRUPT
