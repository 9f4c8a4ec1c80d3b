"""Funding rates from a file: CSV with `ts_ms` (UTC ms, rising) and `rate` (a fraction: 0.0001 is one basis point)."""

import csv
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from pathlib import Path

import attrs

from actors.app.files.bars_checks import span_text
from actors.model.errors import InputError
from actors.model.fixed import decimals_of, fixed_from_decimal
from actors.model.instrument import Instrument
from actors.simulator.margin.funding import Funding
from ideacards.errors import Problem
from ideacards.feeds import Bars

__all__ = ["FundingRates", "read_funding"]

_MOST_DECIMALS = 12


@attrs.frozen
class FundingRates:
    """What the file says, exactly."""

    file: str
    times_ms: tuple[int, ...]
    rates: tuple[Decimal, ...]

    @property
    def decimals(self) -> int:
        """The most that a rate has."""
        return max(map(decimals_of, self.rates), default=0)

    def on(self, place: Instrument) -> Funding:
        """On the instrument's grid of rates, which was made fine enough for them."""
        return Funding(self.times_ms, tuple(fixed_from_decimal(rate, place.rate_digits) for rate in self.rates))

    def check_covers(self, bars: Bars, start: int, stop: int) -> None:
        """InputError where the run goes on before the first or after the last of the file's times."""
        if len(self.times_ms) < 2:
            return
        step = Counter(other - one for one, other in pairwise(self.times_ms)).most_common(1)[0][0]
        first_ms, last_ms = int(bars.ts_open[start]), int(bars.ts_close[stop - 1])
        if self.times_ms[0] > first_ms + step or self.times_ms[-1] + step < last_ms:
            span = f"{_utc(self.times_ms[0])} to {_utc(self.times_ms[-1])}"
            what = f"its rates are of {span}, the run goes from {_utc(first_ms)} to {_utc(last_ms)}"
            hint = "give the rates of the whole run, or cut it with --from and --to"
            raise InputError([Problem(self.file, None, None, "", what, hint)])


def read_funding(path: Path) -> FundingRates:
    """The file's rates; InputError naming each line that is wrong, or a hole between two times."""
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            header, *rows = list(csv.reader(stream)) or [[]]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError([Problem(str(path), None, None, "", f"cannot be read: {error}")]) from error
    if "ts_ms" not in header or "rate" not in header:
        what = f"the first line is `{','.join(header)[:60]}`"
        raise InputError([Problem(str(path), 1, None, "", what, "expected ts_ms and rate")])
    at, rate_at = header.index("ts_ms"), header.index("rate")
    lines: list[tuple[int, int, Decimal]] = []
    problems: list[Problem] = []
    for number, row in enumerate(rows, start=2):
        try:
            if row:
                lines.append((number, int(row[at]), _rate(row[rate_at])))
        except (ValueError, IndexError, InvalidOperation):
            what = f"`{','.join(row)[:60]}` is no time in ms and rate of at most {_MOST_DECIMALS} decimals"
            problems.append(Problem(str(path), number, None, "", what))
    problems += _holes(path, lines)
    if not lines and not problems:
        problems.append(Problem(str(path), None, None, "", "there is a header but no rate"))
    if problems:
        raise InputError(problems[:20])
    return FundingRates(str(path), tuple(line[1] for line in lines), tuple(line[2] for line in lines))


def _rate(text: str) -> Decimal:
    rate = Decimal(text)
    if not rate.is_finite() or decimals_of(rate) > _MOST_DECIMALS or abs(rate) >= 1:
        raise ValueError(text)
    return rate


def _holes(path: Path, lines: list[tuple[int, int, Decimal]]) -> list[Problem]:
    steps = [other[1] - one[1] for one, other in pairwise(lines)]
    if not steps:
        return []
    usual = Counter(steps).most_common(1)[0][0]
    problems: list[Problem] = []
    for (_, before, _), (number, now, _), step in zip(lines, lines[1:], steps, strict=False):
        if step <= 0:
            problems.append(
                Problem(str(path), number, None, "", "a time that does not rise", "sort by ts_ms, each once")
            )
        elif step > usual:
            what = f"no rate between {_utc(before)} and {_utc(now)}, and the others come every {span_text(usual)}"
            problems.append(Problem(str(path), number, None, "", what, "a rate of 0 is a rate: write it"))
    return problems


def _utc(time_ms: int) -> str:
    return f"{datetime.fromtimestamp(time_ms / 1000, UTC):%Y-%m-%d %H:%M}"
