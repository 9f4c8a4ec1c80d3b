"""How much a result depends on the unknown path inside each bar: the same run with the better and the worse path.

Greedy by bar: at each bar the path, of open-high-low-close and open-low-high-close, after which equity is lower (or
higher) with the orders that rest before its first extreme. So the two results are not strict bounds over all paths.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import attrs

from actors.app.results.report.formats import as_percent
from actors.app.results.result import RunResult
from actors.app.runs.backtesting import Job, run_job
from actors.model.errors import InputError
from actors.simulator.prices.path import PathPolicy
from ideacards.errors import Problem

__all__ = ["Ambiguity", "ambiguity_of"]

_LISTED = 20


@attrs.frozen
class Ambiguity:
    """Final equities of the two runs, and the opens (UTC ms) of the bars whose path made a difference in either."""

    pessimistic: str
    optimistic: str
    start_equity: str
    bars_ms: tuple[int, ...]

    def object(self) -> dict[str, Any]:
        """As JSON."""
        return {"pessimistic": self.pessimistic, "optimistic": self.optimistic, "bars": list(self.bars_ms)}

    def lines(self) -> list[str]:
        """Lines for the user: the interval, and the bars that cause it."""
        times = [f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M}" for ms in self.bars_ms[:_LISTED]]
        more = f", and {len(self.bars_ms) - _LISTED} more" if len(self.bars_ms) > _LISTED else ""
        hangs = f"hangs on {len(self.bars_ms)} bars: {', '.join(times)}{more}" if times else "hangs on no bar"
        advice = " (finer bars of these, --sub-bars, would tell)" if times else ""
        ends = " to ".join(self._end(equity) for equity in (self.pessimistic, self.optimistic))
        return [f"final equity from {ends}, greedy by bar", f"{hangs}{advice}"]

    def _end(self, equity: str) -> str:
        start = Decimal(self.start_equity)
        return f"{Decimal(equity):,.2f} ({as_percent((Decimal(equity) - start) / start)})"


def ambiguity_of(job: Job) -> Ambiguity:
    """Both runs of a job; InputError if the job sets a path itself."""
    if job.settings.venue.path.chooses:
        raise InputError([Problem("--ambiguity", None, None, "", "runs both paths; leave --path out")])
    worse, better = (_run(job, policy) for policy in (PathPolicy.PESSIMISTIC, PathPolicy.OPTIMISTIC))
    bars = sorted({*worse.tape.contested, *better.tape.contested})
    opens = worse.tape.bars.ts_open
    return Ambiguity(
        worse.object["final_equity"],
        better.object["final_equity"],
        str(worse.start_equity),
        tuple(int(opens[bar]) for bar in bars),
    )


def _run(job: Job, policy: PathPolicy) -> RunResult:
    settings = attrs.evolve(job.settings, venue=attrs.evolve(job.settings.venue, path=policy))
    return run_job(attrs.evolve(job, settings=settings, journal=None))
