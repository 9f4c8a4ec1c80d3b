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
from ideacards.card import Card
from ideacards.digest import card_digest
from ideacards.errors import Problem
from ideacards.feeds import Bars, Feeds, data_digest
from ideacards.loader import load_card
from ideacards.readiness import shortages

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
    if card.account.leverage > instrument.max_leverage:
        what = f"{card.account.leverage} is above the instrument's maximum"
        hint = f"at most {instrument.max_leverage}"
        raise InputError([Problem(str(job.card), None, None, "account.leverage", what, hint)])
    start, stop = bar_range(bars, job.from_, job.to)
    short = shortages(card, Feeds.build(card, bars))
    if short:
        raise InputError(short)
    tape = run_backtest(card, bars, instrument, job.settings, start=start, stop=stop, progress=progress)
    return build_result(tape, data_digest=data_digest(bars), card_digest=card_digest(card), flags=job.flags)


def write_result(result: RunResult, folder: Path, writers: Sequence[Callable[[RunResult, Path], Any]]) -> None:
    """Every writer's files in `folder`, which appears whole or not at all."""

    def write(place: Path) -> None:
        for writer in writers:
            writer(result, place)

    write_whole(folder, write)
