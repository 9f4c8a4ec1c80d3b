"""`why CARD --bars FILE --at TIME`: what a card saw at one bar, which clause failed by how much, what blocked it."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from actors.app.cli.options import Files, FillOptions
from actors.app.files.market import NO_FILES as NO_MARKET_FILES
from actors.app.runs.backtesting import Job, load_job
from actors.app.runs.flags import with_flags
from actors.app.runs.ranges import moment_ms
from actors.app.runs.symbol_files import bars_by_card, market_files_by_card, symbols_of
from actors.app.settings import load_simulator_settings
from actors.app.tools.why import bar_at, moment_of
from actors.app.tools.why_text import lines_of
from actors.model.errors import InputError
from ideacards.errors import Problem

__all__ = ["run"]

_AS_THE_PROFILE_SAYS = FillOptions()
_NO_FILES = Files()


def run(
    card: Path,
    /,
    *,
    bars: Annotated[tuple[str, ...], Parameter(negative=())],
    at: str,
    set_: Annotated[tuple[str, ...], Parameter(name="--set", negative=(), show_default=False)] = (),
    from_: Annotated[str | None, Parameter(name="--from")] = None,
    profile: str = "simulator",
    instrument: Path | None = None,
    filling: FillOptions = _AS_THE_PROFILE_SAYS,
    files: Files = _NO_FILES,
    seed: int | None = None,
) -> int:
    """Tell what a card saw at one bar: each clause with its values, and what became of each intent.

    The options are those of `backtest`: with the same ones, position and orders are those of that run.

    :param card: The card's file.
    :param bars: The bars, as for `backtest`.
    :param at: A time in UTC (2024-12-01T06:00) or milliseconds; the last bar that had closed by then is shown.
    :param set_: PATH=VALUE on the card.
    :param from_: First bar open to trade.
    :param profile: A profile's name or file.
    :param instrument: A file like config/instruments.toml, used instead of it.
    :param seed: Seed of every random choice.
    """
    time_ms = moment_ms(at, "--at")
    settings, flags = with_flags(load_simulator_settings(profile), **filling.words(), seed=seed, every_bar=None)
    given = files.words()
    symbols = symbols_of((card,), (set_,))
    market_files = market_files_by_card(symbols, given)[0] if given else NO_MARKET_FILES
    (of,) = bars_by_card((card,), bars, (set_,))
    job = Job(card, of.bars, settings, set_, instrument, from_, None, flags, profile, None, market_files, of.leaders)
    loaded = load_job(job)
    index = bar_at(loaded.bars, time_ms, at)
    if index < loaded.start:
        raise InputError([Problem("--at", None, None, at, f"is before --from {from_}", "give a later time")])
    print("\n".join(lines_of(moment_of(loaded, settings, index))))
    return 0
