"""Several cards in one account, from files to a result: one time line, one wallet, one journal.

Net positions are shared in one-way mode, so a symbol has one card.
"""

from collections.abc import Sequence

import attrs

from actors.app.results.account import AccountResult, account_result
from actors.app.results.result import build_result
from actors.app.runs.account_jobs import account_facts, load_account
from actors.app.runs.backtesting import Job, sources_of
from actors.app.runs.journaling import RunJournal, new_journal
from actors.app.runs.leaders import leader_digests
from actors.app.runs.run import CardRun, Progress, run_cards
from actors.app.runs.sources import command_of
from actors.simulator.actor import NS_PER_MS
from ideacards.digest import card_digest
from ideacards.feeds import data_digest

__all__ = ["run_account"]


def run_account(jobs: Sequence[Job], progress: Progress | None = None) -> AccountResult:
    """Load, check and run; CardError or InputError with every problem found before anything has run."""
    runs = load_account(jobs)
    sources = [attrs.evolve(sources_of(job), command=_command(jobs, runs)) for job in jobs]
    tapes = run_cards(runs, jobs[0].settings, progress=progress, journal=_journal(jobs, runs))
    results = [
        build_result(
            tape,
            data_digest=data_digest(run.bars),
            card_digest=card_digest(run.card),
            flags=job.flags,
            sources=source,
            leaders=leader_digests(run.leaders),
        )
        for tape, run, job, source in zip(tapes, runs, jobs, sources, strict=True)
    ]
    return account_result(results)


def _command(jobs: Sequence[Job], runs: Sequence[CardRun]) -> str:
    """The command that repeats this run."""
    cards = [str(job.card) for job in jobs]
    files = {run.instrument.symbol: job.bars for job, run in zip(jobs, runs, strict=True)}
    for job in jobs:
        files |= job.leaders
    bars = [f"{symbol}={file}" for symbol, file in files.items()]
    return command_of(cards, bars, jobs[0].profile, jobs[0].flags.given)


def _journal(jobs: Sequence[Job], runs: Sequence[CardRun]) -> RunJournal | None:
    """The one journal of them all, begun at the first open of any."""
    file = jobs[0].journal
    if file is None:
        return None
    start_ms = min(int(run.bars.ts_open[run.start]) for run in runs)
    return new_journal(file, account_facts(runs, jobs), start_ms * NS_PER_MS)
