"""`backtest CARD --bars FILE`: run a card over candles; the table or the JSON on stdout, the files in --out."""

from pathlib import Path
from typing import Annotated, Any

import attrs
from cyclopts import Parameter

from actors.app.backtesting import Job, run_job, write_result
from actors.app.cli.consoles import aside, screen
from actors.app.cli.showing import RESULT_WRITERS, json_text, progress_bar, summary
from actors.app.folders import check_free
from actors.app.results import RunFlags
from actors.app.settings import Settings, load_settings
from actors.model.errors import InputError
from actors.simulator.path import PathPolicy
from ideacards.errors import Problem, nearest

__all__ = ["run"]

_FLAG = Parameter(negative=(), show_default=False)
LATER_PATHS = ("pessimistic", "optimistic", "subbars")


def run(
    card: Path,
    /,
    *,
    bars: Path,
    set_: Annotated[tuple[str, ...], Parameter(name="--set", negative=(), show_default=False)] = (),
    from_: Annotated[str | None, Parameter(name="--from")] = None,
    to: str | None = None,
    profile: str = "simulator",
    instrument: Path | None = None,
    path: str | None = None,
    seed: int | None = None,
    every_bar: Annotated[bool, _FLAG] = False,
    out: Path | None = None,
    force: Annotated[bool, _FLAG] = False,
    json: Annotated[bool, _FLAG] = False,
) -> int:
    """Run a card over candles.

    :param card: The card's file.
    :param bars: CSV or CSV.gz with ts_ms,open,high,low,close,volume (bar open, UTC milliseconds).
    :param set_: PATH=VALUE changes the card, e.g. features.fast.length=9; may be given again.
    :param from_: First bar open to trade, an ISO date or time in UTC or milliseconds; earlier bars serve warm-up.
    :param to: Bars that open at or after this moment are left out.
    :param profile: A profile's name or file.
    :param instrument: A file like config/instruments.toml, in its place.
    :param path: Which extreme of a bar comes first: nearest_extreme, ohlc or olhc.
    :param seed: Seed of every random choice.
    :param every_bar: Deliver every bar to the card.
    :param out: Folder for result.json, orders.csv, fills.csv, equity.csv and report.html.
    :param force: Replace a folder that is not empty.
    :param json: Print the result as JSON instead of a table.
    """
    if out is not None:
        check_free(out, is_forced=force)
    settings, flags = _with_flags(load_settings(profile), path=path, seed=seed, every_bar=every_bar or None)
    flags = attrs.evolve(flags, given=dict(flags.given) | _choices(set_, from_, to, instrument))
    job = Job(card, bars, settings, set_, instrument, from_, to, flags)
    with progress_bar(card.stem) as tell:
        result = run_job(job, tell)
    if out is not None:
        write_result(result, out, RESULT_WRITERS)
        aside().print(f"report: {out / 'report.html'}")
    if json:
        print(json_text(result))
    else:
        screen().print(summary(result))
    return 0


def _choices(set_: tuple[str, ...], from_: str | None, to: str | None, instrument: Path | None) -> dict[str, Any]:
    """Options that stand in no profile, as typed; those that were not given are left out."""
    file = None if instrument is None else str(instrument)
    typed = {"set": list(set_) or None, "from": from_, "to": to, "instrument": file}
    return {name: value for name, value in typed.items() if value is not None}


def _with_flags(
    settings: Settings, *, path: str | None, seed: int | None, every_bar: bool | None
) -> tuple[Settings, RunFlags]:
    """Flags go over the profile; both stand in the result."""
    given: dict[str, Any] = {}
    before: dict[str, Any] = {}
    if path is not None:
        given["path"], before["path"] = path, settings.venue.path.value
        settings = attrs.evolve(settings, venue=attrs.evolve(settings.venue, path=_policy(path)))
    if seed is not None:
        if seed < 0:
            raise InputError([Problem("--seed", None, None, str(seed), "is below 0", "a seed is 0 or more")])
        given["seed"], before["seed"] = seed, settings.seed
        settings = attrs.evolve(settings, seed=seed)
    if every_bar is not None:
        given["every_bar"], before["every_bar"] = every_bar, settings.every_bar
        settings = attrs.evolve(settings, every_bar=every_bar)
    return settings, RunFlags(given, before)


def _policy(path: str) -> PathPolicy:
    names = [policy.value for policy in PathPolicy]
    if path in LATER_PATHS:
        what, hint = "is not in this version", f"there is: {', '.join(names)}"
    elif path not in names:
        what, hint = "is no path policy", nearest(path, names)
    else:
        return PathPolicy(path)
    raise InputError([Problem("--path", None, None, path, what, hint)])
