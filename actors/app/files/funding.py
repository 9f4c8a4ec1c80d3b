"""Funding rates from a file: CSV with `ts_ms` (UTC ms, rising) and `rate` (a fraction: 0.0001 is one basis point)."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import attrs

from actors.app.files.csv_cells import Numbers
from actors.app.files.csv_kinds import Column, Kind, Masks
from actors.app.files.csv_reader import read_csv
from actors.app.files.findings import Findings
from actors.app.files.times import span_text, utc_text
from actors.model.fixed import decimals_of, fixed_from_decimal
from actors.model.instrument import Instrument
from actors.simulator.margin.funding import Funding
from ideacards.feeds import Bars

__all__ = ["FundingRates", "read_funding"]

_MOST_DECIMALS = 12


def _no_rates(numbers: Numbers) -> Masks:
    return (
        (numbers.decimals > _MOST_DECIMALS, f"has more than {_MOST_DECIMALS} decimals"),
        (abs(numbers.value) >= 1, "is not a fraction between -1 and 1"),
    )


_RATE_HINT = f"a rate is a fraction of at most {_MOST_DECIMALS} decimals: 0.0001 is one basis point"
_RATE_ALIASES = ("funding_rate", "fundingrate", "last_funding_rate", "value")
_KIND = Kind("rate", "the time at which the rate is paid", (Column("rate", _RATE_HINT, _no_rates, _RATE_ALIASES),))


@attrs.frozen
class FundingRates:
    """The rates of a file, exactly."""

    file: str
    times_ms: tuple[int, ...]
    rates: tuple[Decimal, ...]

    @property
    def decimals(self) -> int:
        """The most decimals that a rate has."""
        return max(map(decimals_of, self.rates), default=0)

    def on(self, instrument: Instrument) -> Funding:
        """The rates on the instrument's rate grid, which is fine enough for them."""
        return Funding(self.times_ms, tuple(fixed_from_decimal(rate, instrument.rate_digits) for rate in self.rates))

    def check_covers(self, bars: Bars, start: int, stop: int) -> None:
        """InputError if the run begins before the first or ends after the last time of the file."""
        if len(self.times_ms) < 2:
            return
        step = _usual_step(self.times_ms)
        first_ms, last_ms = int(bars.ts_open[start]), int(bars.ts_close[stop - 1])
        if self.times_ms[0] > first_ms + step or self.times_ms[-1] + step < last_ms:
            span = f"{utc_text(self.times_ms[0])} to {utc_text(self.times_ms[-1])}"
            what = f"its rates are of {span}, the run goes from {utc_text(first_ms)} to {utc_text(last_ms)}"
            hint = "give the rates of the whole run, or cut it with --from and --to"
            raise Findings(self.file).fatal(what, hint)


def read_funding(path: Path) -> FundingRates:
    """The file's rates; InputError with all problems found, a hole between two times among them."""
    findings = Findings(path)
    rows = read_csv(path, _KIND, findings)
    findings.raise_if_any()
    times, rates = rows.ts_ms.tolist(), rows.numbers["rate"]
    usual = _usual_step(times)
    for line, (before, now) in zip(rows.line[1:].tolist(), pairwise(times), strict=True):
        if now - before > usual:
            what = (
                f"no rate between {utc_text(before)} and {utc_text(now)}, and the others come every {span_text(usual)}"
            )
            findings.add(line, None, "", what, "a rate of 0 is a rate: write it")
    findings.raise_if_any()
    exact = zip(rates.mantissa.tolist(), rates.decimals.tolist(), strict=True)
    return FundingRates(str(path), tuple(times), tuple(Decimal(whole).scaleb(-decimals) for whole, decimals in exact))


def _usual_step(times_ms: Sequence[int]) -> int:
    """The most frequent distance of two times in ms, the smaller of equals; 0 if there are fewer than two times."""
    steps = Counter(other - one for one, other in pairwise(times_ms))
    return steps.most_common(1)[0][0] if steps else 0
