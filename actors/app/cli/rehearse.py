"""`rehearse CARD --bars FILE`: the card through the live stack and through the simulator, and whether they agree.

Exit code 0 when intents, orders and fills are equal, 1 when they are not.
"""

import json
from pathlib import Path
from typing import Annotated

import attrs
from cyclopts import Parameter
from rich.table import Table

from actors.app.cli.consoles import screen
from actors.app.cli.showing import progress_bar
from actors.app.rehearsal.rehearsing import Rehearsal, RehearsalJob, rehearse
from actors.app.runs.backtesting import Job, load_job
from actors.app.runs.flags import with_flags
from actors.app.runs.symbol_files import bars_by_card
from actors.app.settings import load_simulator_settings

__all__ = ["run"]

_FLAG = Parameter(negative=(), show_default=False)


def run(
    card: Path,
    /,
    *,
    bars: Annotated[tuple[str, ...], Parameter(negative=())],
    set_: Annotated[tuple[str, ...], Parameter(name="--set", negative=(), show_default=False)] = (),
    from_: Annotated[str | None, Parameter(name="--from")] = None,
    to: str | None = None,
    profile: str = "simulator",
    instrument: Path | None = None,
    latency: str | None = None,
    faults: Path | None = None,
    journal: Path | None = None,
    as_json: Annotated[bool, Parameter(name="--json", negative=(), show_default=False)] = False,
) -> int:
    """Run a card through the whole live stack against the local exchange, and compare with the simulator.

    The exchange is a process of its own that speaks Bybit's protocol and is stepped over the bars; requests, sockets
    and numbers are real. Every intent, order and fill must equal those of the same card in the simulator.

    :param card: The card's file.
    :param bars: Candles, as for `backtest`, those of a leader as SYMBOL=FILE.
    :param set_: PATH=VALUE changes the card.
    :param from_: First bar open to trade, an ISO date or time in UTC or milliseconds; earlier bars are history.
    :param to: Bars that open at or after this time are left out.
    :param profile: The simulator profile that says how orders fill, and the limits of both runs.
    :param instrument: A file like config/instruments.toml, used instead of it.
    :param latency: Milliseconds of closed bars, requests and answers; or feed=5,entry=20,response=9.
    :param faults: TOML file with [[fault]] tables: what goes wrong at the exchange, and when.
    :param journal: Write every input and output of the live run to this journal; `coldframe replay` runs it again.
    :param as_json: Print the comparison as JSON instead of a table.
    """
    settings, flags = with_flags(load_simulator_settings(profile), latency=latency)
    (of,) = bars_by_card((card,), bars, (set_,))
    loaded = load_job(Job(card, of.bars, settings, set_, instrument, from_, to, flags, profile, leaders=of.leaders))
    job = RehearsalJob(card, tuple(set_), loaded, settings, profile, faults, instrument, journal)
    with progress_bar(card.stem) as tell:
        found = rehearse(job, tell)
    if as_json:
        print(json.dumps(found.object(), indent=2))
    else:
        _show(found)
    return 0 if found.comparison.is_equal else 1


def _show(found: Rehearsal) -> None:
    table = Table(show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(justify="right")
    for name, value in found.object().items():
        if name not in ("first_difference", "differences"):
            table.add_row(name.replace("_", " "), str(value))
    screen().print(table)
    for one in found.comparison.differences[:10]:
        told = attrs.asdict(one)
        screen().print(
            f"{told['kind']}: {told['where']}\n  simulator: {told['simulated']}\n  live:      {told['live']}",
            highlight=False, soft_wrap=True,
        )  # fmt: skip
    rest = len(found.comparison.differences) - 10
    if rest > 0:
        screen().print(f"and {rest} more")
