"""A back-test from files to a result, without printing; `backtest` and `tour` share it."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from hashlib import blake2b
from pathlib import Path
from typing import Any

import attrs
import msgspec

from actors.app.compiling import tell_compiling
from actors.app.files.bars import read_bars
from actors.app.files.funding import read_funding
from actors.app.files.instruments import leverage_problem, load_instrument
from actors.app.files.market import NO_FILES, MarketFiles, market_inputs
from actors.app.results.folders import write_whole
from actors.app.results.result import RunFlags, RunResult, build_result
from actors.app.runs.journaling import new_journal
from actors.app.runs.leaders import NO_LEADER_FILES, check_leaders, leader_digests, leader_facts, read_leaders
from actors.app.runs.ranges import bar_range
from actors.app.runs.run import CardRun, Progress, run_cards
from actors.app.runs.sources import Sources, command_of, file_facts
from actors.app.settings import Settings, profile_file, settings_object
from actors.model.errors import InputError
from actors.model.fixed import decimals_of
from actors.model.instrument import Instrument
from actors.simulator.actor import NS_PER_MS
from ideacards.card import Card
from ideacards.digest import card_digest
from ideacards.errors import Problem
from ideacards.feeds import NO_LEADERS, Bars, Feeds, data_digest
from ideacards.loader import load_card
from ideacards.readiness import readiness_of, shortages

__all__ = ["Job", "check_card", "facts_of", "load_job", "run_card", "run_job", "sources_of", "write_result"]


@attrs.frozen
class Job:
    """Files and options of one back-test; `overrides` are PATH=VALUE on the card, `leaders` the bars of its leaders."""

    card: Path
    bars: Path
    settings: Settings
    overrides: Sequence[str] = ()
    instrument: Path | None = None
    from_: str | None = None
    to: str | None = None
    flags: RunFlags = attrs.field(factory=RunFlags)
    profile: str = "simulator"
    journal: Path | None = None
    files: MarketFiles = NO_FILES
    leaders: Mapping[str, Path] = NO_LEADER_FILES

    @property
    def settings_file(self) -> Path | None:
        """The profile's file; None if the profile is given by name."""
        return profile_file(self.profile)


def load_job(job: Job) -> CardRun:
    """Load and check; CardError or InputError with every problem found."""
    card = load_card(job.card, job.overrides)
    tick_digits = load_instrument(card.market.symbol, 0, job.instrument).price_digits
    bars = read_bars(job.bars, card.market.symbol, card.timeframes.exec.ms, tick_digits)
    return check_card(card, bars, job, read_leaders(card, job.leaders, str(job.card)))


def run_job(job: Job, progress: Progress | None = None) -> RunResult:
    """Load, check and run; CardError or InputError with every problem found before anything has run."""
    return _run(load_job(job), job, progress)


def run_card(
    card: Card, bars: Bars, job: Job, progress: Progress | None = None, leaders: Mapping[str, Bars] = NO_LEADERS
) -> RunResult:
    """Run a loaded card over loaded bars; the rest of the job says how."""
    return _run(check_card(card, bars, job, leaders), job, progress)


def check_card(card: Card, bars: Bars, job: Job, leaders: Mapping[str, Bars] = NO_LEADERS) -> CardRun:
    """A loaded card and loaded bars, with those of its leaders, checked against each other and the job."""
    rates = None if job.files.funding is None else read_funding(job.files.funding)
    rate_digits = 0 if rates is None else rates.decimals
    instrument = load_instrument(card.market.symbol, bars.price_digits, job.instrument, least_rate_digits=rate_digits)
    problem = leverage_problem(card.account.leverage, instrument, str(job.card))
    if problem is not None:
        raise InputError([problem])
    _check_money(card, job, instrument)
    _check_bound(job)
    start, stop = bar_range(bars, job.from_, job.to)
    check_leaders(leaders, job.leaders, int(bars.ts_close[stop - 1]))
    _check_length(card, bars, leaders, job)
    if rates is not None:
        rates.check_covers(bars, start, stop)
    inputs = market_inputs(job.files, bars, instrument, rates, job.settings.venue.path)
    return CardRun(card, bars, instrument, start, stop, inputs, leaders)


def facts_of(loaded: CardRun, job: Job) -> dict[str, Any]:
    """What a journal's header says of a run, so that it can be replayed: files, options, and digests of their content.

    By the digests a replay sees whether the files are unchanged.
    """
    digest = blake2b(msgspec.json.encode(loaded.instrument), digest_size=16).hexdigest()
    return {
        "profile": job.profile,
        "card": str(job.card.absolute()),
        "bars": str(job.bars.absolute()),
        "given": dict(job.flags.given),
        "settings": settings_object(job.settings),
        "card_digest": card_digest(loaded.card),
        "data_digest": data_digest(loaded.bars),
        "instrument_digest": digest,
        **job.files.facts(),
        **leader_facts(loaded.leaders, job.leaders),
    }


def sources_of(job: Job) -> Sources:
    """What the run is made from; read before it starts, so that a later edit of a file does not show."""
    beside: dict[str, Path | None] = {"--instrument": job.instrument}
    beside["--profile"] = job.settings_file
    beside |= {f"--{name.replace('_', '-')}": file for name, file in job.files.given().items()}
    for field in ("feed", "entry", "response"):
        kind, _, table = getattr(job.settings.latency, field).partition(":")
        beside[f"--latency {field}"] = Path(table) if kind == "table" else None
    given = {"CARD": job.card, "--bars": job.bars}
    given |= {f"--bars {symbol}": file for symbol, file in job.leaders.items()}
    given |= {name: file for name, file in beside.items() if file is not None}
    words = [str(job.bars), *(f"{symbol}={file}" for symbol, file in job.leaders.items())]
    command = command_of([str(job.card)], words, job.profile, job.flags.given)
    return Sources(job.card.read_text(encoding="utf-8"), command, file_facts(given))


def _run(loaded: CardRun, job: Job, progress: Progress | None) -> RunResult:
    card, bars = loaded.card, loaded.bars
    sources = sources_of(job)
    journal = None
    if job.journal is not None:
        start_ns = int(bars.ts_open[loaded.start]) * NS_PER_MS
        journal = new_journal(job.journal, facts_of(loaded, job), start_ns)
    (tape,) = run_cards((loaded,), job.settings, progress=progress, journal=journal)
    return build_result(
        tape,
        data_digest=data_digest(bars),
        card_digest=card_digest(card),
        flags=job.flags,
        sources=sources,
        leaders=leader_digests(loaded.leaders),
    )


def _check_length(card: Card, bars: Bars, leaders: Mapping[str, Bars], job: Job) -> None:
    """InputError for a card that is never ready on these bars, naming what is too long; it would never trade."""
    tell_compiling((card,))
    feeds = Feeds.build(card, bars, leaders)
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


def _check_bound(job: Job) -> None:
    """InputError for a slippage bound below the slippage in the same unit: no market order would ever fill."""
    slippage, bound = job.settings.venue.slippage, job.settings.venue.slippage_tolerance
    if slippage.endswith("bp") is not bound.endswith("bp"):
        return
    paid, most = (Decimal(text.removesuffix("bp")) for text in (slippage, bound))
    if 0 < most < paid:
        what = f"{bound} is under the slippage of {slippage}: nothing would ever fill at market"
        raise InputError([Problem("--slippage-tolerance", None, None, "", what, "a larger one, or 0 for none")])


def write_result(result: RunResult, folder: Path, writers: Sequence[Callable[[RunResult, Path], Any]]) -> None:
    """Write every writer's files to `folder`, which appears only when complete."""

    def write(beside: Path) -> None:
        for writer in writers:
            writer(result, beside)

    write_whole(folder, write)
