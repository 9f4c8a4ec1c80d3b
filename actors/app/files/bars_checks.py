"""What must hold for bars: cells that are possible numbers, times that rise by the card's step, prices that agree.

Cells are judged block by block, times and prices over whole columns. A check whose ground is gone (times in seconds)
is left out, so that one mistake does not fill the list with its consequences.
"""

from collections.abc import Sequence

import attrs
import numpy as np

from actors.app.files.csv_cells import MANTISSA_LIMIT, Block, Numbers, numbers_of
from actors.model.errors import InputError
from ideacards.errors import Problem
from ideacards.feeds import BAR_COLUMNS, BoolArray, IntArray

__all__ = [
    "HEADER",
    "LISTED",
    "PRICES",
    "Findings",
    "Rows",
    "check_prices",
    "check_times",
    "scaled_prices",
    "span_text",
    "unit_of",
    "usual_step",
]

HEADER = ("ts_ms", *BAR_COLUMNS)
PRICES = BAR_COLUMNS[:4]
LISTED = 20
_KEPT = 1_000
_SHOWN = 24  # characters of a cell
_MOST_PRICE_DIGITS = 12
_MS_IN = {"seconds": 1e3, "microseconds": 1e-3, "nanoseconds": 1e-6}
_YEAR_2000_MS, _YEAR_2100_MS = 946_684_800_000, 4_102_444_800_000
_ROW_HINT = "one bar a line, a cell for every name of the header"
_PRICE_HINT = f"a price is a number above zero with at most {_MOST_PRICE_DIGITS} decimals"
_DIGITS_HINT = "fewer decimals, here and in the other rows, leave room for it"
_HINTS = {"ts_ms": "a bar's open in UTC milliseconds, a whole number", "volume": "a volume is a number of 0 or more"}


class Findings:
    """The problems of one file: counts all, keeps the first _KEPT found, raises with the first LISTED by line."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._problems: list[Problem] = []
        self._total = 0

    def add(self, line: int | None, column: int | None, path: str, what: str, hint: str = "") -> None:
        """One problem."""
        self._total += 1
        if self._total <= _KEPT:
            self._problems.append(Problem(self._file, line, column, path, what, hint))

    def add_lines(self, lines: IntArray, path: str, what: str, hint: str = "") -> None:
        """The same problem on several lines."""
        for line in lines[:_KEPT].tolist():
            self.add(line, None, path, what, hint)
        self._total += len(lines[_KEPT:])

    def fatal(self, what: str, hint: str = "", line: int | None = None) -> InputError:
        """The error for a problem that ends all reading."""
        return InputError((Problem(self._file, line, None, "", what, hint),))

    def raise_if_any(self) -> None:
        """InputError with what was found, and the number of what is not listed."""
        if not self._problems:
            return
        ordered = sorted(self._problems, key=lambda problem: (problem.line or 0, problem.column or 0))[:LISTED]
        if self._total > len(ordered):
            ordered.append(Problem(self._file, None, None, "", f"and {self._total - len(ordered)} more problems"))
        raise InputError(ordered)


@attrs.frozen(eq=False)
class Rows:
    """Rows in file order, `numbers` by column name; one with an impossible cell holds a 0 there and is not sound."""

    line: IntArray
    is_sound: BoolArray
    numbers: dict[str, Numbers]

    @classmethod
    def of_block(cls, block: Block, names: Sequence[str], findings: Findings) -> "Rows":
        """A block's rows under a header of `names`; misfit lines and impossible cells become findings."""
        for line, cells in block.misfits:
            findings.add(line, None, "", f"has {cells} columns, the header {len(names)}", _ROW_HINT)
        is_sound = np.ones(len(block.lines), dtype=bool)
        columns = {}
        for name in HEADER:
            columns[name], faults = numbers_of(block, names.index(name))
            for row, what in sorted((_impossible(name, columns[name]) | faults).items()):
                start, text = block.cell(row, names.index(name))
                shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
                findings.add(
                    int(block.lines[row]),
                    start,
                    name,
                    f"`{shown}` {what}" if text else what,
                    _HINTS.get(name, _PRICE_HINT),
                )
                columns[name].put(row, 0, 0, 0.0)
                is_sound[row] = False
        return cls(block.lines, is_sound, columns)

    @classmethod
    def joined(cls, parts: Sequence["Rows"]) -> "Rows":
        """The blocks of a file as one."""
        return cls(
            np.concatenate([part.line for part in parts]),
            np.concatenate([part.is_sound for part in parts]),
            {name: Numbers.joined([part.numbers[name] for part in parts]) for name in HEADER},
        )


def _impossible(name: str, numbers: Numbers) -> dict[int, str]:
    """By row, what no bar can have in that column."""
    if name == "ts_ms":
        rules = [
            (numbers.decimals > 0, "is not a whole number of milliseconds"),
            (abs(numbers.mantissa) >= MANTISSA_LIMIT, "is too large"),
        ]
    elif name == "volume":
        rules = [(numbers.value < 0, "is negative")]
    else:
        rules = [
            (numbers.decimals > _MOST_PRICE_DIGITS, f"has more than {_MOST_PRICE_DIGITS} decimals"),
            (numbers.mantissa <= 0, "is not above zero"),
        ]
    return {row: what for is_wrong, what in rules for row in np.flatnonzero(is_wrong).tolist()}


def check_times(rows: Rows, exec_ms: int, findings: Findings) -> None:
    """Bar opens rise in steps of `exec_ms`: one finding for a wrong unit, order or bar length, else one a line."""
    times = rows.numbers["ts_ms"].mantissa
    is_timed = rows.is_sound | (times != 0)  # a row with another impossible cell still has its time
    ts_ms, line = times[is_timed], rows.line[is_timed]
    if not len(ts_ms):
        return
    if not _are_in_milliseconds(ts_ms, line, findings):
        return
    steps = np.diff(ts_ms)
    if len(steps) and (steps < 0).all():
        findings.add(int(line[0]), None, "ts_ms", "the newest bar comes first", "sort the file by ts_ms, oldest first")
        return
    findings.add_lines(line[1:][steps == 0], "ts_ms", "the same time as the bar before", "each bar stands once")
    findings.add_lines(line[1:][steps < 0], "ts_ms", "earlier than the bar before", "sort the file by ts_ms")
    if not (steps > 0).any():
        return
    usual = _most_frequent(steps[steps > 0])
    if usual != exec_ms:
        what = f"the file's bars are {span_text(usual)} apart, the card's exec is {span_text(exec_ms)}"
        other = f"use exec: {span_text(usual)} or " if usual % 60_000 == 0 else "use "
        findings.add(None, None, "", what, f"{other}a file of {span_text(exec_ms)} bars")
        return
    phase = ts_ms % exec_ms
    if (phase == exec_ms - 1).all():
        findings.add(int(line[0]), None, "ts_ms", "the times are closes, one ms before the next open", "give bar opens")
        return
    what = f"not a multiple of {span_text(exec_ms)} away from the other bars"
    findings.add_lines(line[phase != _most_frequent(phase)], "ts_ms", what, "a bar's open, not the time of a trade")


def _are_in_milliseconds(ts_ms: IntArray, line: IntArray, findings: Findings) -> bool:
    """Does every time lie from 2000 to 2100? If not, one finding names the first line that does not.

    The range also bounds how far a run's virtual time can walk between two bars.
    """
    is_odd = (ts_ms < _YEAR_2000_MS) | (ts_ms >= _YEAR_2100_MS)
    if not is_odd.any():
        return True
    first = int(is_odd.argmax())
    unit = unit_of(int(ts_ms[first]))
    hint = "ts_ms is the bar's open in milliseconds"
    if is_odd.all() and unit is not None and unit_of(int(np.median(ts_ms))) == unit:
        findings.add(int(line[0]), None, "ts_ms", f"the times are in {unit}", hint)
        return False
    seems = "is no time from 2000 to 2100 in milliseconds" if unit is None else f"seems to be in {unit}"
    others = int(is_odd.sum()) - 1
    more = f", and {others} more {'row is' if others == 1 else 'rows are'} not in milliseconds" if others else ""
    findings.add(int(line[first]), None, "ts_ms", f"`{int(ts_ms[first])}` {seems}{more}", hint)
    return False


def usual_step(rows: Rows) -> int:
    """The most frequent distance of two bars in ms; 1 where there are no two."""
    steps = np.diff(rows.numbers["ts_ms"].mantissa[rows.is_sound])
    rising = steps[steps > 0]
    return _most_frequent(rising) if len(rising) else 1


def _most_frequent(values: IntArray) -> int:
    """The smallest of those that occur most often."""
    distinct, counts = np.unique(values, return_counts=True)
    return int(distinct[counts.argmax()])


def unit_of(time: int) -> str | None:
    """The unit in which `time` lies in this century, if that is not milliseconds."""
    for unit, ms in _MS_IN.items():
        if _YEAR_2000_MS <= time * ms < _YEAR_2100_MS:
            return unit
    return None


def span_text(span_ms: int) -> str:
    """A length of time as cards write it (`15m`, `4h`, `1w`), in seconds or ms where they cannot."""
    units = (("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000))
    for unit, ms in units:
        if span_ms % ms == 0 and (unit != "w" or span_ms == ms):
            return f"{span_ms // ms}{unit}"
    return f"{span_ms} ms"


def scaled_prices(rows: Rows, tick_digits: int, findings: Findings) -> tuple[int, dict[str, IntArray]]:
    """(price_digits, price columns of 10^-price_digits); prices that do not fit become findings and 0."""
    digits = max(tick_digits, *(int(rows.numbers[name].decimals.max(initial=0)) for name in PRICES))
    scaled = {}
    for name in PRICES:
        mantissa = rows.numbers[name].mantissa
        factor = 10 ** np.arange(digits + 1)[::-1][rows.numbers[name].decimals]
        is_fit = mantissa < -(-MANTISSA_LIMIT // factor)
        findings.add_lines(rows.line[~is_fit], name, f"is too large to be held with {digits} decimals", _DIGITS_HINT)
        rows.is_sound[~is_fit] = False
        scaled[name] = np.where(is_fit, mantissa * factor, 0)
    return digits, scaled


def check_prices(rows: Rows, scaled: dict[str, IntArray], findings: Findings) -> None:
    """low <= open, close <= high, compared exactly."""
    opened, high, low, close = (scaled[name] for name in PRICES)
    is_upside_down = rows.is_sound & (high < low)
    findings.add_lines(rows.line[is_upside_down], "high", "high is below low", "expected low <= open, close <= high")
    for name, column in (("open", opened), ("close", close)):
        is_outside = rows.is_sound & ~is_upside_down & ((column > high) | (column < low))
        findings.add_lines(
            rows.line[is_outside], name, f"{name} lies outside low..high", "expected low <= open, close <= high"
        )
