"""Every kind of CSV file is read by the same rules: what is taken, and how each mistake is named."""

import gzip
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from actors.app.files.bars import read_bars
from actors.app.files.funding import read_funding
from actors.app.files.status import read_status
from actors.app.files.ticks import read_ticks
from actors.app.latencies import latencies_of
from actors.app.settings import LatencySettings
from actors.model.errors import InputError
from ideacards.feeds import data_digest

START_MS, STEP_MS = 1_733_007_600_000, 60_000
UNITS = {
    "seconds": (1e-3, "multiply the times by 1000"),
    "microseconds": (1e3, "divide the times by 1000"),
    "nanoseconds": (1e6, "divide the times by 1000000"),
}


@attrs.frozen
class Sort:
    """A kind of file: its header, the cells after the time, an odd one for the last column, and what is said of it."""

    row: str
    header: str
    cells: str
    odd: str
    said: str
    read: Callable[[Path], Any]

    def lines(self, factor: float = 1) -> list[str]:
        times = (int((START_MS + STEP_MS * at) * factor) for at in range(5))
        return [self.header, *(f"{time},{self.cells}" for time in times)]


def _ticks(row: str, *columns: str) -> Callable[[Path], Any]:
    def read(path: Path) -> Any:
        ticks = read_ticks(path, row, columns, 2, 3)
        prices = {name: values.tolist() for name, values in ticks.prices.items()}
        return ticks.ts_ms.tolist(), prices, None if ticks.sizes is None else ticks.sizes.tolist()

    return read


def _latency(path: Path) -> Any:
    return latencies_of(LatencySettings(f"table:{path}")).feed


SORTS = [
    Sort(
        "bar",
        "ts_ms,open,high,low,close,volume",
        "2,4.5,1,3.25,9",
        "-9",
        "volume: `-9` is negative; a volume is a number of 0 or more",
        lambda path: data_digest(read_bars(path, "X", STEP_MS)),
    ),
    Sort(
        "trade",
        "ts_ms,price,size",
        "2.25,0.1239",
        "-1",
        "size: `-1` is below zero; a size is a number of 0 or more",
        _ticks("trade", "price"),
    ),
    Sort(
        "quote",
        "ts_ms,bid,ask",
        "2,2.5",
        "2.123",
        "ask: `2.123` has more than 2 decimals, as the bars have; a price is a number above zero with at most 2",
        _ticks("quote", "bid", "ask"),
    ),
    Sort("rate", "ts_ms,rate", "-0.0001", "1", "rate: `1` is not a fraction between -1 and 1; a rate", read_funding),
    Sort("status", "ts_ms,status", "halted", "hallted", "`hallted` is no status; did you mean `halted`?", read_status),
    Sort("latency", "ts_ms,latency_ms", "2.5", "120000", "`120000` is too long: under 120000 ms", _latency),
]
every_sort = pytest.mark.parametrize("sort", SORTS, ids=[sort.row for sort in SORTS])


def a_file(folder: Path, lines: list[str], name: str = "given.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def problems_of(sort: Sort, path: Path) -> list[str]:
    """What is said of the file, without its name."""
    with pytest.raises(InputError) as caught:
        sort.read(path)
    return [problem.text().removeprefix(f"{path}:").strip() for problem in caught.value.problems]


def without_file(found: Any) -> Any:
    return attrs.evolve(found, file="") if hasattr(found, "file") else found


@every_sort
def test_spelling_does_not_matter(sort: Sort, tmp_path: Path) -> None:
    """Letter case, order and number of the columns, blank lines, quotes, line ends, packed or plain."""
    plain = without_file(sort.read(a_file(tmp_path, sort.lines())))
    other = tmp_path / "other.csv"
    turned = []
    for at, line in enumerate(sort.lines()):
        cells = [f'"{cell.upper() if at == 0 else cell}"' for cell in reversed(line.split(","))]
        turned += [",".join(["note", *cells]), ""]
    other.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(turned).encode())
    assert without_file(sort.read(other)) == plain
    packed = tmp_path / "packed.csv"
    packed.write_bytes(gzip.compress(other.read_bytes()))
    assert without_file(sort.read(packed)) == plain


@pytest.mark.parametrize("unit", UNITS)
@every_sort
def test_another_unit_of_time_is_one_line_with_the_way_to_milliseconds(sort: Sort, unit: str, tmp_path: Path) -> None:
    factor, remedy = UNITS[unit]
    (line,) = problems_of(sort, a_file(tmp_path, sort.lines(factor)))
    assert line.startswith(f"2: ts_ms: the times are in {unit}; ts_ms is ")
    assert line.endswith(f" in UTC milliseconds: {remedy}")


@every_sort
def test_one_time_in_another_unit_is_named(sort: Sort, tmp_path: Path) -> None:
    lines = sort.lines()
    lines[3] = sort.lines(1e3)[3]
    (line,) = problems_of(sort, a_file(tmp_path, lines))
    assert line.startswith(f"4: ts_ms: `{START_MS + 2 * STEP_MS}000` seems to be in microseconds; ts_ms is ")


@every_sort
def test_seconds_with_a_fraction_and_dates_are_one_line(sort: Sort, tmp_path: Path) -> None:
    lines = [sort.header, *(f"17330076{at}0.5,{sort.cells}" for at in range(5))]
    (line,) = problems_of(sort, a_file(tmp_path, lines))
    assert line.startswith("2: the times are in seconds; ")
    assert line.endswith("multiply the times by 1000")
    for text in ("2024-11-30 23:00:00", "2024-12-01T00:00+01:00", "2024-11-30T23:00:00Z"):
        (line,) = problems_of(sort, a_file(tmp_path, [sort.header, *[f"{text},{sort.cells}"] * 9]))
        assert line.startswith("2: the times are dates; ts_ms is ")
        assert line.endswith(f" in milliseconds since 1970, UTC: {START_MS} here")


@every_sort
def test_times_that_fall_are_named(sort: Sort, tmp_path: Path) -> None:
    lines = sort.lines()
    (line,) = problems_of(sort, a_file(tmp_path, [lines[0], *reversed(lines[1:])]))
    assert line.startswith(f"2: ts_ms: the newest {sort.row} comes first; sort the file by ts_ms, oldest first")
    lines[4:] = reversed(lines[4:])
    (line,) = problems_of(sort, a_file(tmp_path, lines))
    assert line.startswith(f"6: ts_ms: earlier than the {sort.row} before")


@every_sort
def test_an_odd_cell_is_named_with_its_place(sort: Sort, tmp_path: Path) -> None:
    lines = sort.lines()
    before = lines[3].rpartition(",")[0]
    for cell, said in ((sort.odd, sort.said), ("", "is empty"), ("x", "`x` is no")):
        lines[3] = f"{before},{cell}"
        (line,) = problems_of(sort, a_file(tmp_path, lines))
        assert line.startswith(f"4:{len(before) + 2}: {sort.header.rpartition(',')[2]}: ")
        assert said in line


@every_sort
def test_all_problems_come_at_once(sort: Sort, tmp_path: Path) -> None:
    lines = sort.lines()
    lines[2] = f"x,{sort.cells}"
    lines[3] += ",7"
    lines[4] = f"{lines[4].rpartition(',')[0]},{sort.odd}"
    found = problems_of(sort, a_file(tmp_path, lines))
    assert [line.partition(":")[0] for line in found] == ["3", "4", "5"]
    assert "ts_ms: `x` is not a number" in found[0]
    width = len(sort.header.split(","))
    assert f"has {width + 1} columns, the header {width}; one {sort.row} a line" in found[1]
    found = problems_of(sort, a_file(tmp_path, [sort.header, *[f"x,{sort.cells}"] * 100]))
    assert len(found) == 21
    assert found[-1] == "and 80 more problems"


@every_sort
def test_a_header_that_is_wrong_is_named_with_the_nearest_column(sort: Sort, tmp_path: Path) -> None:
    lines = sort.lines()
    lines[0] = lines[0].replace("ts_ms", "Timestamp")
    expected = "1: ts_ms: the header has no such column; the file's `Timestamp` should be named `ts_ms`"
    assert problems_of(sort, a_file(tmp_path, lines)) == [expected]
    name = sort.header.split(",")[1]
    lines[0] = sort.header.replace(name, f"{name}x")
    expected = f"1: {name}: the header has no such column; the file's `{name}x` should be named `{name}`"
    assert problems_of(sort, a_file(tmp_path, lines)) == [expected]
    lines[0] = f"{sort.header.upper()},{name.title()}"
    (line,) = problems_of(sort, a_file(tmp_path, lines))
    assert line == f"1: {name}: stands 2 times in the header; each name once"
    required = sort.header.removesuffix(",size")
    (line,) = problems_of(sort, a_file(tmp_path, ["nonsense"]))
    assert line == f"1: the first line is no header: `nonsense`; expected {required}"
    (line,) = problems_of(sort, a_file(tmp_path, [sort.header.replace(",", ";")]))
    assert line == "1: columns are separated by semicolons; use commas"


@every_sort
def test_a_file_that_cannot_be_read_is_named(sort: Sort, tmp_path: Path) -> None:
    sound = a_file(tmp_path, sort.lines())
    assert problems_of(sort, tmp_path / "givn.csv") == ["no such file; did you mean `given.csv`?"]
    (line,) = problems_of(sort, a_file(tmp_path, [sort.header]))
    assert line == f"there is a header but no {sort.row}; each line after the header is one {sort.row}"
    (line,) = problems_of(sort, a_file(tmp_path, ["", ""]))
    assert line.startswith("the file is empty; expected the header ts_ms,")
    (line,) = problems_of(sort, a_file(tmp_path, sort.lines(), "plain.csv.gz"))
    assert line.startswith("is named .gz but holds no gzip data")
    sound.write_bytes("\n".join(sort.lines()).encode() + b"\n\xff")
    assert problems_of(sort, sound) == ["7: is not UTF-8 text; save the file as UTF-8"]
    packed = gzip.compress("\n".join(sort.lines() * 50).encode())
    sound.write_bytes(packed[:-9])
    assert problems_of(sort, sound) == ["the gzip data ends too early; the file was cut short: fetch it again"]


def test_a_status_and_a_latency_may_hold_from_the_start(tmp_path: Path) -> None:
    found = read_status(a_file(tmp_path, ["ts_ms,status", "0,closing_only", f"{START_MS},trading"]))
    assert found.times_ms == (0, START_MS)
    assert _latency(a_file(tmp_path, ["ts_ms,latency_ms", "0,2"])).times_ns == (0,)
    funding = a_file(tmp_path, ["ts_ms,rate", "0,0.1", f"{START_MS},0.1"])
    with pytest.raises(InputError, match="`0` is no time from 2000 to 2100"):
        read_funding(funding)


def test_numbers_are_exact_and_sizes_are_rounded_down(tmp_path: Path) -> None:
    rates = read_funding(a_file(tmp_path, ["ts_ms,rate", f"{START_MS},0.000100", f"{START_MS + 1},-1.25e-5"]))
    assert rates.rates == (Decimal("0.0001"), Decimal("-0.0000125"))
    assert rates.decimals == 7
    lines = [
        "ts_ms,price,size",
        *(f"{START_MS},2.5,{size}" for size in ("0.1239", "7", "1e-30", "0.30000000000000004")),
    ]
    assert _ticks("trade", "price")(a_file(tmp_path, lines))[2] == [123, 7_000, 0, 300]
    (line,) = problems_of(SORTS[1], a_file(tmp_path, ["ts_ms,price,size", f"{START_MS},2.5,{10**17}"]))
    assert line.startswith("2: size: is too large to be held with 3 decimals")
