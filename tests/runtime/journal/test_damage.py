"""Damage, and how it is distinguished from a crash: flips, truncations, zeros, wrong lengths, misplaced segments.

Each small journal is damaged at every byte there is. J numbers: docs/journal.md.
"""

import struct
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import attrs
import pytest

from runtime.journal.errors import JournalCorrupt
from runtime.journal.format import (
    ENDED,
    HEADER_BYTES,
    RECORD_BYTES,
    LogRecord,
    SegmentHeader,
    digest,
    encode_record,
    parse_header,
    salt_of,
)
from runtime.journal.reader import JournalReader, examine
from runtime.journal.report import JournalState, Report
from runtime.testing import FakeDisk
from tests.runtime.journal.journals import a_disk, a_journal, begun, records_of, small_log, starts

GROUPS = (3, 2, 4)
SEGMENT = "{:06d}.log".format
LENGTH_OFFSET = 4  # of a record: mark, bytes of the kind, then the payload's length


def refuses_untouched(disk: FakeDisk, report: Report) -> None:
    """J11: a damaged journal is not opened for writing, and nothing in it is changed."""
    before = disk.contents()
    assert report.damage is not None
    with pytest.raises(JournalCorrupt) as caught:
        small_log(disk)
    assert caught.value.damage == report.damage
    assert f"{report.damage.segment}: offset {report.damage.offset}, sequence" in str(caught.value)
    assert disk.contents() == before
    seen: list[LogRecord] = []
    with pytest.raises(JournalCorrupt):
        seen.extend(JournalReader(disk))
    assert len(seen) == report.record_count == report.damage.sequence


@pytest.mark.slow
@pytest.mark.parametrize("is_ended", [True, False])
@pytest.mark.parametrize("segment_bytes", [256, 1 << 20])
def test_j3_j4_every_flipped_byte_is_named_and_only_the_last_record_is_cut(is_ended: bool, segment_bytes: int) -> None:
    files = a_journal(GROUPS, is_ended=is_ended, segment_bytes=segment_bytes).contents()
    records = records_of(a_disk(files))
    places = starts(files, records)
    last_name, last_offset, last_size = places[-1]
    for name, data in files.items():
        for offset in range(len(data)):
            disk = a_disk(files)
            disk.flip(name, offset, bit=offset % 8)
            report = examine(disk)
            if (name, offset) >= (last_name, last_offset):
                assert report.state is JournalState.CRASHED
                assert report.torn is not None
                assert (report.torn.segment, report.torn.offset, report.torn.byte_count) == places[-1]
                assert small_log(disk).next_sequence == len(records) - 1
                assert len(disk.contents()[last_name]) == last_offset
            else:
                assert report.state is JournalState.CORRUPT, (name, offset)
                assert report.damage is not None
                assert (report.damage.segment, report.damage.offset) <= (name, offset) or offset < HEADER_BYTES
                refuses_untouched(disk, report)
    assert last_size


def test_j4_a_flip_is_placed_at_its_record() -> None:
    files = a_journal(GROUPS).contents()
    records = records_of(a_disk(files))
    for sequence, (name, offset, size) in enumerate(starts(files, records)[:-1]):
        disk = a_disk(files)
        disk.flip(name, offset + size - 1)
        damage = examine(disk).damage
        assert damage is not None
        assert (damage.segment, damage.offset, damage.sequence) == (name, offset, sequence)
        assert "CRC does not match, though" in damage.what


@pytest.mark.slow
@pytest.mark.parametrize("is_ended", [True, False])
def test_j3_j5_every_truncation_of_the_last_segment_is_a_crash_and_of_another_is_damage(is_ended: bool) -> None:
    files = a_journal(GROUPS, is_ended=is_ended).contents()
    records = records_of(a_disk(files))
    places = starts(files, records)
    last = max(files)
    ends = [(name, offset + size) for name, offset, size in places]
    for name, data in files.items():
        for size in range(len(data)):
            disk = a_disk({**files, name: data[:size]})
            report = examine(disk)
            if name != last or size < HEADER_BYTES:
                assert report.state is JournalState.CORRUPT
                refuses_untouched(disk, report)
            else:
                assert report.state is JournalState.CRASHED
                whole = sum(end <= (name, size) for end in ends)
                kept_bytes = max([HEADER_BYTES, *(end for at, end in ends if at == name and end <= size)])
                assert (report.torn.byte_count if report.torn else 0) == size - kept_bytes
                assert small_log(disk).next_sequence == whole
                assert records_of(disk) == records[:whole]


def test_j3_a_single_segment_cut_anywhere_keeps_its_whole_records() -> None:
    (name, data), *_ = a_journal((3,), segment_bytes=1 << 20).contents().items()
    records = records_of(a_disk({name: data}))
    ends = [offset + size for _, offset, size in starts({name: data}, records)]
    for size in range(len(data)):
        disk = a_disk({name: data[:size]})
        whole = sum(end <= size for end in ends)
        assert examine(disk).state is (JournalState.CRASHED if whole else JournalState.EMPTY)
        begun_again = small_log(disk) if whole else begun(disk)
        assert begun_again.next_sequence == max(whole, 1)
        begun_again.close()
        assert len(records_of(disk)) == max(whole, 1)


@pytest.mark.parametrize("tail", [1, RECORD_BYTES, 4096, 10_000])
@pytest.mark.parametrize("is_ended", [True, False])
def test_j3_zeros_at_the_end_are_cut_and_counted(tail: int, is_ended: bool) -> None:
    files = a_journal(GROUPS, is_ended=is_ended).contents()
    last = max(files)
    disk = a_disk({**files, last: files[last] + bytes(tail)})
    report = examine(disk)
    assert report.state is JournalState.CRASHED  # after an end too: somebody began to write
    assert report.torn is not None
    assert report.torn.byte_count == tail
    assert "zeros" in report.torn.what
    small_log(disk).close()
    assert disk.contents() == files


def test_j3_a_record_whose_end_was_zeroed_is_cut() -> None:
    files = a_journal(GROUPS, is_ended=False).contents()
    last = max(files)
    _, _, size = starts(files, records_of(a_disk(files)))[-1]
    for zeroed in range(1, size):
        disk = a_disk({**files, last: files[last][:-zeroed] + bytes(zeroed)})
        assert (torn := examine(disk).torn) is not None
        assert torn.byte_count == size


def test_j3_zeros_over_any_length_of_the_end_are_told_and_never_an_end() -> None:
    files = a_journal(GROUPS).contents()
    last = max(files)
    places = starts(files, records_of(a_disk(files)))
    for zeroed in range(1, len(files[last]) + 1):
        kept = files[last][:-zeroed]
        report = examine(a_disk({**files, last: kept + bytes(zeroed)}))
        if len(kept) < HEADER_BYTES:
            assert report.state is JournalState.CORRUPT
        else:
            assert report.state is JournalState.CRASHED
            assert report.torn is not None
            whole = sum((name, offset + size) <= (last, len(kept)) for name, offset, size in places)
            assert report.record_count == whole


def test_j6_an_end_that_is_lost_is_reported_as_a_crash() -> None:
    files = a_journal(GROUPS).contents()
    last = max(files)
    disk = a_disk(files)
    disk.flip(last, len(files[last]) - 1)
    log = small_log(disk)
    assert log.found.state is JournalState.CRASHED
    assert log.found.torn is not None
    assert log.found.torn.byte_count == RECORD_BYTES + len(ENDED)


@pytest.mark.parametrize("lie", [0, 1, 1000, 1 << 23, (1 << 32) - 1])
def test_j4_a_length_that_lies_hides_nothing_that_follows(lie: int) -> None:
    files = a_journal((6,), segment_bytes=1 << 20).contents()
    records = records_of(a_disk(files))
    for name, offset, _ in starts(files, records)[:-1]:
        data = bytearray(files[name])
        struct.pack_into("<I", data, offset + LENGTH_OFFSET, lie)
        report = examine(a_disk({name: bytes(data)}))
        assert report.state is JournalState.CORRUPT
        assert report.damage is not None
        assert (report.damage.offset, "a good record follows" in report.damage.what) == (offset, True)


def a_copy_with(change: Callable[[dict[str, bytes]], None]) -> FakeDisk:
    files = a_journal((3, 4, 4, 4)).contents()
    assert len(files) >= 4
    change(files)
    return a_disk(files)


def swap(files: dict[str, bytes], first: int, second: int) -> None:
    a, b = SEGMENT(first), SEGMENT(second)
    files[a], files[b] = files[b], files[a]


def rename_last(files: dict[str, bytes]) -> None:
    files[SEGMENT(len(files) + 3)] = files.pop(max(files))


def from_elsewhere(files: dict[str, bytes]) -> None:
    disk = FakeDisk()
    log = small_log(disk)
    log.append("header", 0, b"other")
    for number in range(9):
        log.append("tell", number, bytes(30))
    log.close()
    files[SEGMENT(1)] = disk.contents()[SEGMENT(1)]


def drop(index: int) -> Callable[[dict[str, bytes]], None]:
    def change(files: dict[str, bytes]) -> None:
        del files[sorted(files)[index]]

    return change


def repeat_the_end(files: dict[str, bytes]) -> None:
    last = max(files)
    files[last] += files[last][-(RECORD_BYTES + len(ENDED)) :]


def leave_one_out(files: dict[str, bytes]) -> None:
    places = starts(files, records_of(a_disk(files)))
    name, offset, size = places[1]
    files[name] = files[name][:offset] + files[name][offset + size :]


def leave_out_but_the_last(files: dict[str, bytes]) -> None:
    places = starts(files, records_of(a_disk(files)))
    last, offset, size = next(one for one, other in reversed(list(pairwise(places))) if one[0] == other[0])
    files[last] = files[last][:offset] + files[last][offset + size :]


def follow_the_seal(files: dict[str, bytes]) -> None:
    files[SEGMENT(0)] += b"\0"


def splice(files: dict[str, bytes]) -> None:
    """Record 2 of a journal that began alike, where record 2 is due."""
    other = FakeDisk()
    log = begun(other)
    log.append("tell", 1000, b"something else")
    log.append("tell", 2000, b"and more")
    log.close()
    name, offset, size = starts(other.contents(), records_of(other))[2]
    foreign = other.contents()[name][offset : offset + size]
    name, offset, _ = starts(files, records_of(a_disk(files)))[2]
    files[name] = files[name][:offset] + foreign + files[name][offset:]


@pytest.mark.parametrize(
    ("change", "segment", "said"),
    [
        (drop(0), SEGMENT(0), "the segment is missing, though 000001.log is there"),
        (drop(1), SEGMENT(1), "the segment is missing, though 000002.log is there"),
        (drop(-1), None, "the segment is missing: "),
        (lambda files: swap(files, 0, 1), SEGMENT(0), "this is segment 1 by its header"),
        (lambda files: swap(files, 1, 2), SEGMENT(1), "this is segment 2 by its header"),
        (rename_last, None, "the segment is missing, though"),
        (from_elsewhere, SEGMENT(1), "belongs to another journal"),
        (repeat_the_end, None, "a good record, but its sequence is"),
        (leave_one_out, SEGMENT(0), "a good record, but its sequence is 2"),
        (leave_out_but_the_last, None, "a good record, but its sequence is"),
        (splice, None, "the chain is broken"),
        (follow_the_seal, SEGMENT(0), "bytes after the segment's seal"),
    ],
)
def test_j5_j11_whatever_is_out_of_its_place_is_named(
    change: Callable[[dict[str, bytes]], None], segment: str | None, said: str
) -> None:
    disk = a_copy_with(change)
    report = examine(disk)
    assert report.state is JournalState.CORRUPT
    assert report.damage is not None
    assert said in report.damage.what
    assert segment in (None, report.damage.segment)
    refuses_untouched(disk, report)


def test_j5_a_segment_made_again_with_a_good_crc_is_told_by_its_digest() -> None:
    files = a_journal((3, 4, 4)).contents()
    forged = FakeDisk()
    log = begun(forged)
    for number in range(1, 9):
        log.append("told", number, b"another story, as long as you like")
    log.close()
    disk = a_disk({**files, SEGMENT(0): forged.contents()[SEGMENT(0)]})
    report = examine(disk)
    assert report.damage is not None
    assert "its digest differs" in report.damage.what
    refuses_untouched(disk, report)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("index", 2, "this is segment 2"),
        ("identity", bytes(16), "belongs to another journal"),
        ("previous_digest", bytes(16), "its digest differs"),
        ("previous_crc", 7, "the chain is broken between"),
        ("first_sequence", 7, "begins with another sequence"),
    ],
)
def test_j5_a_header_that_was_made_for_another_place_is_told(field: str, value: Any, said: str) -> None:
    files = a_journal((3, 4, 4)).contents()
    data = files[SEGMENT(1)]
    header = attrs.evolve(parse_header(data), **{field: value}).encode()
    report = examine(a_disk({**files, SEGMENT(1): header + data[HEADER_BYTES:]}))
    assert report.damage is not None
    assert (report.damage.segment, report.damage.offset) == (SEGMENT(1), 0)
    assert said in report.damage.what


@pytest.mark.parametrize(("kind", "first"), [(b"tell", b"run"), (b"header", b"another run")])
def test_j14_a_journal_that_does_not_begin_with_its_header_is_damaged(kind: bytes, first: bytes) -> None:
    identity = digest(b"run")
    record, _ = encode_record(kind, first, 0, 0, 0, salt_of(identity))
    report = examine(a_disk({SEGMENT(0): SegmentHeader(0, 0, identity, bytes(16), 0).encode() + record}))
    assert report.damage is not None
    assert "the first record is not the header" in report.damage.what


def test_j3_what_another_journal_left_behind_the_end_is_torn_and_no_record_of_ours() -> None:
    """A file system may show old blocks after a crash; a good record of another run is garbage here."""
    files = a_journal((3,), segment_bytes=1 << 20).contents()
    other = FakeDisk()
    log = small_log(other)
    log.append("header", 0, b"an older run")
    log.append("tell", 1, b"old")
    log.close()
    old = other.contents()[SEGMENT(0)][HEADER_BYTES:]
    report = examine(a_disk({SEGMENT(0): files[SEGMENT(0)] + b"??" + old}))
    assert report.torn is not None
    assert report.torn.byte_count == 2 + len(old)


def test_j3_a_first_header_alone_may_be_torn_but_not_with_anything_behind_it() -> None:
    header = bytearray(a_journal((1,)).contents()[SEGMENT(0)][:HEADER_BYTES])
    header[0] ^= 1
    assert examine(a_disk({SEGMENT(0): bytes(header)})).state is JournalState.EMPTY
    assert examine(a_disk({SEGMENT(0): bytes(header) + b"\0"})).state is JournalState.CORRUPT


def test_j13_an_unknown_version_is_refused_by_number() -> None:
    files = a_journal((1,)).contents()
    name = SEGMENT(0)
    header = parse_header(files[name]).encode(version=2)
    report = examine(a_disk({name: header + files[name][HEADER_BYTES:]}))
    assert report.damage is not None
    assert report.damage.what == "format version 2 is unknown; this program reads version 1"


def test_a_file_that_is_no_segment_is_nobodys_business() -> None:
    disk = a_journal((1,))
    for name in ("notes.txt", "000000.log~", "0000001.log"):
        disk.put(name, b"x")
    assert examine(disk).state is JournalState.ENDED


def test_nothing_at_all_is_an_empty_journal() -> None:
    assert examine(FakeDisk()).state is JournalState.EMPTY
