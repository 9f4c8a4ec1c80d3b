"""`backtest CARD --bars FILE`: run a card over candles, or several in one account, each with its own bars.

The table or the JSON goes to stdout, the files to --out.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import attrs
from cyclopts import Parameter

from actors.app.cli.accounts import account_files, tell_account
from actors.app.cli.consoles import aside, screen
from actors.app.cli.options import Files, FillOptions
from actors.app.cli.showing import RESULT_WRITERS, json_text, progress_bar, summary
from actors.app.files.bars import foreign_format
from actors.app.files.market import NO_FILES as NO_MARKET_FILES
from actors.app.files.market import MarketFiles
from actors.app.results.folders import RESULT_FILES, check_free
from actors.app.results.result import RunResult
from actors.app.runs.accounts import run_account
from actors.app.runs.ambiguity import Ambiguity, account_ambiguity, ambiguity_of, check_path
from actors.app.runs.backtesting import Job, run_job, write_result
from actors.app.runs.card_overrides import overrides_by_card
from actors.app.runs.flags import with_flags
from actors.app.runs.symbol_files import bars_by_card, market_files_by_card, symbols_of
from actors.app.settings import load_simulator_settings

__all__ = ["run"]

_FLAG = Parameter(negative=(), show_default=False)
_AS_THE_PROFILE_SAYS = FillOptions()
_NO_FILES = Files()


def run(
    card: Path,
    /,
    *more: Path,
    bars: Annotated[tuple[str, ...], Parameter(negative=())],
    set_: Annotated[tuple[str, ...], Parameter(name="--set", negative=(), show_default=False)] = (),
    from_: Annotated[str | None, Parameter(name="--from")] = None,
    to: str | None = None,
    profile: str = "simulator",
    instrument: Path | None = None,
    filling: FillOptions = _AS_THE_PROFILE_SAYS,
    files: Files = _NO_FILES,
    seed: int | None = None,
    every_bar: Annotated[bool, _FLAG] = False,
    ambiguity: Annotated[bool, _FLAG] = False,
    journal: Path | None = None,
    out: Path | None = None,
    force: Annotated[bool, _FLAG] = False,
    json: Annotated[bool, _FLAG] = False,
) -> int:
    """Run a card over candles, or several cards in one account.

    :param card: The card's file.
    :param more: Further cards, each of its own symbol.
    :param bars: FILE, or SYMBOL=FILE for each card and each leader of one: CSV or CSV.gz with
        ts_ms,open,high,low,close,volume (bar open, UTC milliseconds), or klines of Binance Vision, Bybit (v5 JSON,
        MetaTrader archive) or ccxt (JSON).
    :param set_: PATH=VALUE, like features.fast.length=9, changes each card that has it; CARD_ID:PATH=VALUE that card.
    :param from_: First bar open to trade, an ISO date or time in UTC or milliseconds; earlier bars serve warm-up.
    :param to: Bars that open at or after this time are left out.
    :param profile: A profile's name or file.
    :param instrument: A file like config/instruments.toml, used instead of it.
    :param seed: Seed of every random choice.
    :param every_bar: Deliver every bar to the card.
    :param ambiguity: Also run the worse and the better path of each bar; print the interval and the bars that cause it.
    :param journal: Write every input and output of the run to this new journal; `coldframe replay` runs it again.
    :param out: Folder for result.json, the CSV files and report.html; of several cards a folder each, and index.html.
    :param force: Replace a folder that is not empty.
    :param json: Print the result as JSON instead of a table.
    """
    cards = (card, *more)
    overrides = overrides_by_card(cards, set_)
    bars_files = bars_by_card(cards, bars, overrides)
    market_files = _market_files(cards, overrides, files)
    if out is not None:
        check_free(out, is_forced=force, own=account_files(cards, overrides) if more else RESULT_FILES)
    for file in dict.fromkeys(file for each in bars_files for file in (each.bars, *each.leaders.values())):
        _tell_format(file)
    settings, flags = with_flags(
        load_simulator_settings(profile), **filling.words(), seed=seed, every_bar=every_bar or None
    )
    if ambiguity:
        check_path(settings)
    flags = attrs.evolve(flags, given=dict(flags.given) | _choices(set_, from_, to, instrument, files))
    jobs = [
        Job(each, of.bars, settings, its_set, instrument, from_, to, flags, profile, journal, its_files, of.leaders)
        for each, of, its_set, its_files in zip(cards, bars_files, overrides, market_files, strict=True)
    ]
    _run(jobs, out, has_ambiguity=ambiguity, as_json=json)
    return 0


def _run(jobs: Sequence[Job], out: Path | None, *, has_ambiguity: bool, as_json: bool) -> None:
    """Run the one card, or all of them in one account, and tell the result."""
    first = jobs[0]
    if len(jobs) > 1:
        with progress_bar(f"{len(jobs)} cards") as tell:
            account = run_account(jobs, tell)
        tell_account(account, account_ambiguity(jobs) if has_ambiguity else None, out, as_json=as_json)
        return
    with progress_bar(first.card.stem) as tell:
        result = run_job(first, tell)
    _tell(result, ambiguity_of(first) if has_ambiguity else None, out, as_json=as_json)


def _market_files(cards: Sequence[Path], overrides: Sequence[Sequence[str]], files: Files) -> Sequence[MarketFiles]:
    """Each card's; no card is read for them where there are none."""
    given = files.words()
    return market_files_by_card(symbols_of(cards, overrides), given) if given else [NO_MARKET_FILES] * len(cards)


def _tell_format(file: Path) -> None:
    foreign = foreign_format(file)
    if foreign is not None:
        aside().print(f"{file.name}: recognised as {foreign}", highlight=False, soft_wrap=True)


def _tell(result: RunResult, ambiguity: Ambiguity | None, out: Path | None, *, as_json: bool) -> None:
    if ambiguity is not None:
        result.object["ambiguity"] = ambiguity.object()
    if out is not None:
        write_result(result, out, RESULT_WRITERS)
        aside().print(f"report: {out / 'report.html'}")
    if as_json:
        print(json_text(result))
        return
    for notice in result.object["notices"]:
        screen().print(notice, highlight=False, soft_wrap=True)
    screen().print(summary(result))
    for line in ambiguity.lines() if ambiguity is not None else ():
        screen().print(line, highlight=False, soft_wrap=True)


def _choices(
    set_: tuple[str, ...], from_: str | None, to: str | None, instrument: Path | None, files: Files
) -> dict[str, Any]:
    """The given options that no profile has, as typed."""
    typed: dict[str, Any] = {"set": list(set_) or None, "from": from_, "to": to}
    typed["instrument"] = None if instrument is None else str(instrument)
    typed |= {name: words[0] if len(words) == 1 else list(words) for name, words in files.words().items()}
    return {name: value for name, value in typed.items() if value is not None}
