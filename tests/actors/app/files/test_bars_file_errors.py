"""Bad bar files: each mistake is a line that says where and what, and all of a file come at once."""

import gzip
from pathlib import Path

import pytest

from actors.app.files.bars import read_bars
from actors.model.errors import InputError
from tests.actors.app.files.bar_files import HEADER_LINE, MINUTE_MS, START_MS, a_file, lines_of, problems_of


def _row(time: object = START_MS + 120_000, **cells: object) -> str:
    values = {"open": "102.5", "high": "112", "low": "90.25", "close": "103", "volume": "1.5"} | cells
    return ",".join(str(value) for value in (time, *values.values()))


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (_row(close="nan"), "4:31: close: `nan` is not a finite number"),
        (_row(close="inf"), "4:31: close: `inf` is not a finite number"),
        (_row(open="-102.5"), "4:15: open: `-102.5` is not above zero"),
        (_row(low="0.00"), "4:25: low: `0.00` is not above zero"),
        (_row(volume="-1"), "4:35: volume: `-1` is negative"),
        (_row(open="abc"), "4:15: open: `abc` is not a number"),
        (_row(open=""), "4:15: open: is empty"),
        (_row("x" * 99), f"4:1: ts_ms: `{'x' * 24}...` is not a number"),
        (_row("1733007720000.5"), "4:1: ts_ms: `1733007720000.5` is not a whole number of milliseconds"),
        (_row("1e30"), "4:1: ts_ms: `1e30` is too large"),
        (_row(open="102.1234567890123"), "4:15: open: `102.1234567890123` has more than 12 decimals"),
        (_row(high="80"), "4: high: high is below low"),
        (_row(open="112.01"), "4: open: open lies outside low..high"),
        (_row(close="90.2"), "4: close: close lies outside low..high"),
        (_row() + ",7", "4: has 7 columns, the header 6"),
        ("oops", "4: has 1 columns, the header 6"),
        (_row(START_MS + 60_000), "4: ts_ms: the same time as the bar before"),
        (_row(START_MS), "4: ts_ms: earlier than the bar before"),
        (_row(START_MS + 110_000), "4: ts_ms: not a multiple of 1m away from the other bars"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, row: str, problem: str) -> None:
    lines = [*lines_of(2), row, *lines_of(9)[4:]]
    assert problems_of(a_file(tmp_path, lines)) == [problem]


@pytest.mark.parametrize(
    ("header", "problem", "hint"),
    [
        ("open,high,low,close,volume,timestamp", "1: ts_ms: the header has no such column", "`timestamp`"),
        ("ts_ms,open,high,low,clsoe,volume", "1: close: the header has no such column", "`clsoe`"),
        ("ts_ms,open,high,low,close,trades", "1: volume: the header has no such column", HEADER_LINE),
        ("ts_ms,open,high,low,close,close,volume", "1: close: stands 2 times in the header", "once"),
        ("ts_ms;open;high;low;close;volume", "1: columns are separated by semicolons", "use commas"),
        (f"{START_MS},1,2,1,2,3", f"1: the first line is no header: `{START_MS},1,2,1,2,3`", HEADER_LINE),
    ],
)
def test_a_wrong_header_is_named_with_the_nearest_column(tmp_path: Path, header: str, problem: str, hint: str) -> None:
    path = a_file(tmp_path, [header, *lines_of(3)[1:]])
    with pytest.raises(InputError) as caught:
        read_bars(path, "BTCUSDT", MINUTE_MS)
    assert str(caught.value).partition("; ")[0] == f"{path}:{problem}"
    assert hint in str(caught.value).partition("; ")[2]


def test_all_missing_columns_come_at_once(tmp_path: Path) -> None:
    found = problems_of(a_file(tmp_path, ["time,o,h,l,close,vol"]))
    assert [problem.split(":")[1].strip() for problem in found] == ["ts_ms", "open", "high", "low", "volume"]


@pytest.mark.parametrize(("factor", "unit"), [(1e-3, "seconds"), (1e3, "microseconds"), (1e6, "nanoseconds")])
def test_another_unit_of_time_is_one_problem(tmp_path: Path, factor: float, unit: str) -> None:
    lines = [HEADER_LINE, *(_row(int((START_MS + 60_000 * i) * factor)) for i in range(5))]
    assert problems_of(a_file(tmp_path, lines)) == [f"2: ts_ms: the times are in {unit}"]


def test_the_newest_first_is_one_problem(tmp_path: Path) -> None:
    lines = [HEADER_LINE, *reversed(lines_of(5)[1:])]
    expected = "2: ts_ms: the newest bar comes first"
    assert problems_of(a_file(tmp_path, lines)) == [expected]


def test_the_files_bar_must_be_the_cards(tmp_path: Path) -> None:
    path = a_file(tmp_path, lines_of(5, step_ms=14_400_000))
    assert problems_of(path) == ["the file's bars are 4h apart, the card's exec is 1m"]


def test_there_must_be_a_file_and_bars_in_it(tmp_path: Path) -> None:
    a_file(tmp_path, lines_of(3), "BTCUSDT_1m.csv")
    assert problems_of(tmp_path / "BTCUSD_1m.csv") == ["no such file"]
    assert problems_of(tmp_path / "none" / "x.csv") == ["no such file"]
    assert problems_of(tmp_path) == ["cannot be read (Is a directory)"]
    assert problems_of(a_file(tmp_path, [HEADER_LINE])) == ["there is a header but no bar"]
    for text in ("", "\n\n"):
        (tmp_path / "empty.csv").write_text(text, "utf-8")
        assert problems_of(tmp_path / "empty.csv") == ["the file is empty"]


def test_gzip_must_be_whole(tmp_path: Path) -> None:
    packed = gzip.compress("\n".join(lines_of(2_000)).encode())
    path = tmp_path / "bars.csv.gz"
    path.write_bytes(packed[: len(packed) // 2])
    assert problems_of(path) == ["the gzip data ends too early"]
    path.write_bytes(packed[:200] + bytes(50) + packed[250:])
    assert problems_of(path)[0].startswith("the gzip data is damaged (")
    path.write_bytes(b"ts_ms,open,high,low,close,volume\n")
    assert problems_of(path) == ["is named .gz but holds no gzip data"]
    path.write_bytes(b"")
    assert problems_of(path)[0].startswith("the file is empty")


def test_text_must_be_utf8(tmp_path: Path) -> None:
    path = tmp_path / "bars.csv"
    path.write_bytes("\n".join(lines_of(3)).encode() + b"\n1,2,\xff,4,5,6\n")
    assert problems_of(path) == ["5: is not UTF-8 text"]
    path.write_bytes("\n".join(lines_of(3)).encode("utf-16"))
    assert problems_of(path) == ["1: is not UTF-8 text"]


def test_several_mistakes_come_in_the_order_of_their_lines(tmp_path: Path) -> None:
    lines = lines_of(12)
    lines[9] = "oops"
    lines[3] = _row(START_MS + 120_000, volume="-2")
    lines[6] = _row(START_MS + 300_000, high="1")
    assert [problem.split(":")[0] for problem in problems_of(a_file(tmp_path, lines))] == ["4", "7", "10"]


def test_a_long_list_is_cut_and_counted(tmp_path: Path) -> None:
    lines = [HEADER_LINE, *(_row(START_MS + 60_000 * i, close="nan", volume="-1") for i in range(5_000))]
    found = problems_of(a_file(tmp_path, lines))
    assert len(found) == 21
    assert found[0].startswith("2:")
    assert found[-1] == "and 9980 more problems"
    lines = [HEADER_LINE, *(_row(START_MS + 60_000 * i, high="1") for i in range(5_000))]
    assert problems_of(a_file(tmp_path, lines))[-1] == "and 4980 more problems"


def test_a_price_no_int64_holds_is_an_error(tmp_path: Path) -> None:
    huge = {"open": "5000000000000000000", "high": "6000000000000000000", "low": "1", "close": "2"}
    found = problems_of(a_file(tmp_path, [HEADER_LINE, _row(START_MS, **huge)]))
    assert found == [f"2: {name}: is too large to be held with 0 decimals" for name in ("open", "high")]
    fits = {"open": "46116860184", "high": "46116860184.27387903", "low": "1", "close": "2"}  # 2^62 - 1 of 10^-8
    path = a_file(tmp_path, [HEADER_LINE, _row(START_MS, **fits)])
    assert read_bars(path, "BTCUSDT", MINUTE_MS).price_high.tolist() == [2**62 - 1]
    path = a_file(tmp_path, [HEADER_LINE, _row(START_MS, **fits | {"high": "46116860184.27387904"})])
    assert problems_of(path) == ["2: high: is too large to be held with 8 decimals"]


def test_a_bar_of_the_wrong_length_is_not_said_twice(tmp_path: Path) -> None:
    lines = [*lines_of(3), *(_row(START_MS + MINUTE_MS * i) for i in (9, 8, 10))]
    assert [problem.split(":")[0] for problem in problems_of(a_file(tmp_path, lines))] == ["6"]
