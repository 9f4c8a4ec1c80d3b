"""`backtest CARD --bars FILE`: run a card over candles, or several in one account, each with its own bars.

The table or the JSON goes to stdout, the files to --out.
"""

from pathlib import Path
from typing import Annotated, Any

import attrs
from cyclopts import Parameter

from actors.app.cli.accounts import account_files, tell_account
from actors.app.cli.consoles import aside, screen
from actors.app.cli.showing import RESULT_WRITERS, json_text, progress_bar, summary
from actors.app.files.bars import foreign_format
from actors.app.files.market import MarketFiles
from actors.app.results.folders import RESULT_FILES, check_free
from actors.app.results.result import RunResult
from actors.app.runs.accounts import bars_by_card, refuse_for_several, run_account
from actors.app.runs.ambiguity import Ambiguity, ambiguity_of
from actors.app.runs.backtesting import Job, run_job, write_result
from actors.app.runs.flags import with_flags
from actors.app.settings import load_settings

__all__ = ["run"]

_FLAG = Parameter(negative=(), show_default=False)


@Parameter(name="*")
@attrs.frozen
class FillOptions:
    """How the simulated venue fills, where the profile is not to say it."""

    path: Annotated[
        str | None,
        Parameter(help="The way inside a bar: nearest_extreme, ohlc, olhc, pessimistic, optimistic."),
    ] = None
    limit_fill: Annotated[
        str | None,
        Parameter(help="When a resting limit fills: touch, through, or through:K ticks beyond its price."),
    ] = None
    slippage: Annotated[
        str | None, Parameter(help="What a taker pays beyond the market: ticks (2) or basis points (1.5bp).")
    ] = None
    latency: Annotated[
        str | None,
        Parameter(
            help="Milliseconds (20), uniform:10:30, lognormal:20:200, table:FILE; or feed=5,entry=20,response=9."
        ),
    ] = None
    slippage_tolerance: Annotated[
        str | None, Parameter(help="How far beyond its price a market order may fill: ticks or bp; else not at all.")
    ] = None
    volume_share: Annotated[
        str | None, Parameter(help="The share of a bar's volume that may be ours (0.1); the rest of an order rests.")
    ] = None
    margin: Annotated[str | None, Parameter(help="What stands behind a position: cross or isolated.")] = None

    def words(self) -> dict[str, str | None]:
        """What goes over the profile, by flag."""
        return attrs.asdict(self)


@Parameter(name="*")
@attrs.frozen
class Files:
    """What the market is told from beside its bars."""

    sub_bars: Annotated[
        Path | None, Parameter(help="Finer bars in the same form: the way inside each bar that they fill.")
    ] = None
    trades: Annotated[
        Path | None,
        Parameter(help="CSV with ts_ms,price[,size]: the way inside each bar; sizes fill resting orders in part."),
    ] = None
    quotes: Annotated[Path | None, Parameter(help="CSV with ts_ms,bid,ask: what buys and sells trade against.")] = None
    mark: Annotated[
        Path | None, Parameter(help="Bars of the mark price: liquidation, funding, margin, triggers by mark.")
    ] = None
    index: Annotated[Path | None, Parameter(help="Bars of the index price: triggers by index.")] = None
    funding: Annotated[Path | None, Parameter(help="CSV with ts_ms,rate: what positions pay at these times.")] = None
    status: Annotated[
        Path | None,
        Parameter(help="CSV with ts_ms,status: trading, closing_only, halted, maintenance or delisted from then on."),
    ] = None

    def market_files(self) -> MarketFiles:
        """As the run takes them."""
        return MarketFiles(**attrs.asdict(self))


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
    :param bars: FILE, or SYMBOL=FILE for each card: CSV or CSV.gz with ts_ms,open,high,low,close,volume (bar open, UTC
        milliseconds), or klines of Binance Vision, Bybit (v5 JSON, MetaTrader archive) or ccxt (JSON).
    :param set_: PATH=VALUE changes the card, e.g. features.fast.length=9; may be given again.
    :param from_: First bar open to trade, an ISO date or time in UTC or milliseconds; earlier bars serve warm-up.
    :param to: Bars that open at or after this moment are left out.
    :param profile: A profile's name or file.
    :param instrument: A file like config/instruments.toml, in its place.
    :param seed: Seed of every random choice.
    :param every_bar: Deliver every bar to the card.
    :param ambiguity: Run the worse and the better path of each bar too: the interval, and the bars it hangs on.
    :param journal: Write every input and output of the run to this new journal; `coldframe replay` runs it again.
    :param out: Folder for result.json, orders.csv, fills.csv, equity.csv and report.html.
    :param force: Replace a folder that is not empty.
    :param json: Print the result as JSON instead of a table.
    """
    bars_files = bars_by_card(cards := (card, *more), bars)
    if more:
        refuse_for_several({"set": set_, "ambiguity": ambiguity, "journal": journal, **attrs.asdict(files)})
    if out is not None:
        check_free(out, is_forced=force, own=account_files(cards) if more else RESULT_FILES)
    for file in bars_files:
        _tell_format(file)
    settings, flags = with_flags(load_settings(profile), **filling.words(), seed=seed, every_bar=every_bar or None)
    flags = attrs.evolve(flags, given=dict(flags.given) | _choices(set_, from_, to, instrument, files))
    jobs = [
        Job(each, its_bars, settings, set_, instrument, from_, to, flags, profile, journal, files.market_files())
        for each, its_bars in zip(cards, bars_files, strict=True)
    ]
    with progress_bar(card.stem if not more else f"{len(cards)} cards") as tell:
        if more:
            tell_account(run_account(jobs, tell), out, as_json=json)
            return 0
        result = run_job(jobs[0], tell)
    _tell(result, ambiguity_of(jobs[0]) if ambiguity else None, out, as_json=json)
    return 0


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
    """Options that stand in no profile, as typed; those that were not given are left out."""
    typed: dict[str, Any] = {"set": list(set_) or None, "from": from_, "to": to}
    paths = {"instrument": instrument, **attrs.asdict(files)}
    typed |= {name: None if file is None else str(file) for name, file in paths.items()}
    return {name: value for name, value in typed.items() if value is not None}
