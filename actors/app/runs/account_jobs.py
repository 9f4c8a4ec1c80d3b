"""Cards that share one account, loaded and checked against each other, and what a journal's header says of them."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import attrs

from actors.app.runs.account_checks import equity_problems, id_problems
from actors.app.runs.backtesting import Job, facts_of, load_job
from actors.app.runs.run import CardRun
from actors.app.settings import settings_object
from actors.model.errors import InputError, ProblemLike
from actors.simulator.margin.wallet import on_common_money
from ideacards.errors import CardError, Problem

__all__ = ["account_facts", "card_name", "load_account"]


def load_account(jobs: Sequence[Job]) -> list[CardRun]:
    """The cards over their bars, with Money of one unit.

    InputError with every problem of any of them: a card, its bars or its files; two accounts or ids; bars that end
    before the others'.
    """
    runs: list[CardRun] = []
    problems: list[ProblemLike] = []
    for job in jobs:
        try:
            runs.append(load_job(job))
        except (CardError, InputError) as error:
            problems += [problem for problem in _with_card(error.problems, job) if problem not in problems]
    if problems:
        raise InputError(problems)
    problems += [fault for check in _CHECKS for fault in check(runs, jobs)]
    if problems:
        raise InputError(problems)
    instruments = on_common_money([run.instrument for run in runs])
    return [attrs.evolve(run, instrument=instrument) for run, instrument in zip(runs, instruments, strict=True)]


def account_facts(runs: Sequence[CardRun], jobs: Sequence[Job]) -> dict[str, Any]:
    """What a journal's header says of a run of several cards: `cards` has for each what one card's header has."""
    shared = ("profile", "given", "settings")
    cards = []
    for run, job in zip(runs, jobs, strict=True):
        facts = {name: value for name, value in facts_of(run, job).items() if name not in shared}
        cards.append({"id": run.card.id, "symbol": run.instrument.symbol, "set": list(job.overrides)} | facts)
    job = jobs[0]
    return {
        "profile": job.profile,
        "given": dict(job.flags.given),
        "settings": settings_object(job.settings),
        "cards": cards,
    }


def card_name(card_id: str, symbol: str) -> str:
    """How people are told of one card among several."""
    return f"card {card_id} ({symbol})"


def _with_card(problems: Sequence[ProblemLike], job: Job) -> list[ProblemLike]:
    """A problem of an option that all cards share, such as --from, says which card's bars it does not go with."""
    named: list[ProblemLike] = []
    for problem in problems:
        if isinstance(problem, Problem) and problem.file in ("--from", "--to"):
            problem = attrs.evolve(problem, what=f"{problem.what} of {job.bars.name}")
        named.append(problem)
    return named


def _agree(runs: Sequence[CardRun], jobs: Sequence[Job]) -> list[Problem]:
    cards, files = [run.card for run in runs], [job.card for job in jobs]
    return [*equity_problems(cards, files), *id_problems(cards, files)]


def _ends(runs: Sequence[CardRun], jobs: Sequence[Job]) -> list[Problem]:
    """Bars that end a bar or more before others': the card's position would be held at its last close from then on.

    A symbol that is delisted by its --status file may end there: its position has been settled.
    """
    last_ms = max(_end_ms(run) for run in runs)
    first_ms = min(_end_ms(run) for run in runs)
    problems = []
    for run, job in zip(runs, jobs, strict=True):
        delisted_ms = run.inputs.schedule.delisting_ms
        is_over = delisted_ms is not None and delisted_ms <= _end_ms(run)
        if _end_ms(run) + run.bars.timeframe_ms <= last_ms and not is_over:
            what = f"its bars of {run.instrument.symbol} end at {_time(_end_ms(run))}, others at {_time(last_ms)}"
            problems.append(Problem(str(job.bars), None, None, "", what, f"give --to {_time(first_ms)}, or more bars"))
    return problems


_Check = Callable[[Sequence[CardRun], Sequence[Job]], list[Problem]]
_CHECKS: tuple[_Check, ...] = (_agree, _ends)


def _end_ms(run: CardRun) -> int:
    return int(run.bars.ts_close[run.end - 1])


def _time(time_ms: int) -> str:
    return f"{datetime.fromtimestamp(time_ms / 1000, UTC):%Y-%m-%dT%H:%M}"
