"""A back-test from files to a result: what `backtest` and `tour` share, without any printing."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import attrs

from actors.app.bars_file import read_bars
from actors.app.folders import write_whole
from actors.app.instruments import load_instrument
from actors.app.ranges import bar_range
from actors.app.results import RunFlags, RunResult, build_result
from actors.app.run import Progress, run_backtest
from actors.app.settings import Settings
from actors.model.errors import InputError
from actors.model.fixed import decimals_of
from actors.model.instrument import Instrument
from ideacards.card import Card
from ideacards.digest import card_digest
from ideacards.errors import Problem
from ideacards.feeds import Bars, Feeds, data_digest
from ideacards.loader import load_card
from ideacards.readiness import readiness_of, shortages

__all__ = ["Job", "run_card", "run_job", "write_result"]


@attrs.frozen
class Job:
    """Files and options of one back-test; `overrides` are PATH=VALUE on the card."""

    card: Path
    bars: Path
    settings: Settings
    overrides: Sequence[str] = ()
    instrument: Path | None = None
    from_: str | None = None
    to: str | None = None
    flags: RunFlags = attrs.field(factory=RunFlags)


def run_job(job: Job, progress: Progress | None = None) -> RunResult:
    """Load, check and run; CardError or InputError with every problem found before anything has run."""
    card = load_card(job.card, job.overrides)
    tick_digits = load_instrument(card.market.symbol, 0, job.instrument).price_digits
    bars = read_bars(job.bars, card.market.symbol, card.timeframes.exec.ms, tick_digits)
    return run_card(card, bars, job, progress)


def run_card(card: Card, bars: Bars, job: Job, progress: Progress | None = None) -> RunResult:
    """Run a loaded card over loaded bars; the rest of the job says how."""
    instrument = load_instrument(card.market.symbol, bars.price_digits, job.instrument)
    leverage = card.account.leverage
    if leverage > instrument.max_leverage or leverage % 1:
        what = f"{leverage} is not a whole number from 1 to the instrument's {instrument.max_leverage}"
        hint = "the simulated venue takes whole leverages"
        raise InputError([Problem(str(job.card), None, None, "account.leverage", what, hint)])
    _check_money(card, job, instrument)
    start, stop = bar_range(bars, job.from_, job.to)
    _check_length(card, bars, job)
    tape = run_backtest(card, bars, instrument, job.settings, start=start, stop=stop, progress=progress)
    return build_result(tape, data_digest=data_digest(bars), card_digest=card_digest(card), flags=job.flags)


def _check_length(card: Card, bars: Bars, job: Job) -> None:
    """A card that is never ready on these bars would run without a word; InputError says what is too long."""
    feeds = Feeds.build(card, bars)
    short = shortages(card, feeds)
    ready = max(card.warmup or 0, readiness_of(card, feeds))
    if not short and ready >= len(bars):
        what = f"the card is ready at bar {ready} (the first is 0), and there are {len(bars)}"
        short = (Problem(str(job.card), None, None, "", what, "give more bars, or a shorter warmup or look-back"),)
    if short:
        raise InputError(short)


def _check_money(card: Card, job: Job, instrument: Instrument) -> None:
    """Amounts must lie on the grid of money; InputError naming each that is finer."""
    risk = job.settings.risk
    amounts = {
        "account.equity": card.account.equity,
        "risk.max_order_notional": risk.max_order_notional,
        "risk.max_position_notional": risk.max_position_notional,
    }
    problems = []
    for path, amount in amounts.items():
        if amount is not None and decimals_of(amount) > instrument.money_digits:
            file = str(job.card) if path.startswith("account") else str(job.settings.profile.value)
            hint = f"at most {instrument.money_digits} for this instrument and these bars"
            problems.append(Problem(file, None, None, path, f"{amount} has too many decimals", hint))
    if problems:
        raise InputError(problems)


def write_result(result: RunResult, folder: Path, writers: Sequence[Callable[[RunResult, Path], Any]]) -> None:
    """Every writer's files in `folder`, which appears whole or not at all."""

    def write(place: Path) -> None:
        for writer in writers:
            writer(result, place)

    write_whole(folder, write)
