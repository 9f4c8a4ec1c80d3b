"""`coldframe run`: from cards and a profile to a service that trades, and to its exit code."""

import time
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path

import attrs
import msgspec
import trio

from actors.app.exchanges.ports import PRIVATE_PORT, PUBLIC_PORT, TRADE_PORT, TRADES_PORT
from actors.app.live.house import LivePlan, live_kernel, policies_of
from actors.app.live.journal import LiveHeader, LiveJournal, RunCard, open_journal
from actors.app.live.logs import LogTail, open_log_sink
from actors.app.live.needs import check_needs
from actors.app.live.preflight import Preflight, preflight, public_preflight
from actors.app.live.venues import LiveVenue
from actors.app.settings import ProfileName, Settings, settings_text
from actors.bybit.edges.rest import RestEdge
from actors.bybit.server.clock import ScaledClock
from actors.bybit.topics import Socket
from actors.gateway.messages import READ_PORT, WRITE_PORT
from actors.model.errors import InputError, InvariantError, ProblemLike
from actors.model.fixed import plain_text
from actors.orders.link_id import PREFIX
from actors.simulator.margin.wallet import on_common_money
from ideacards.card import Card
from ideacards.digest import card_digest
from ideacards.errors import CardError, Problem
from ideacards.loader import load_card
from ideacards.readiness import bars_to_be_ready
from runtime.drivers.live_tasks import Edge
from runtime.edges.service import run_service
from runtime.spec import SECOND_NS

__all__ = ["LiveJob", "edges_of", "header_of", "history_start", "plan_of", "run_live"]


_NS_PER_MS = 1_000_000
_KEPT = 10_000  # newest entries of the decision record that stay in memory


@attrs.frozen
class LiveJob:
    """Card files with their `--set` values, on one exchange. `for_s`: seconds from READY to an orderly stop.

    `time_rate`: seconds that pass per real one, as those of a local exchange that is started with the same rate.
    """

    cards: tuple[Path, ...]
    overrides: tuple[tuple[str, ...], ...]
    settings: Settings
    profile: str
    venue: LiveVenue
    journal: Path
    for_s: float | None = None
    health_port: int | None = 0
    time_rate: float = 1.0


def run_live(job: LiveJob, tell: Callable[[str], None]) -> int:
    """Run until stopped; the exit code of the service. `tell` is given each line for the user.

    Raises InputError for cards that do not go together, ConfigurationError for an exchange or account that is not fit.
    """
    cards = load_cards(job.cards, job.overrides)
    check_needs(cards, job.settings, job.venue)
    if job.settings.profile is ProfileName.PAPER:
        return run_paper(job, cards, tell)
    leverages = {card.market.symbol: int(card.account.leverage) for card in cards}
    prefix = f"{PREFIX}{job.settings.deployment}"
    clock = None if job.time_rate == 1 else ScaledClock(_wall_ms(), job.time_rate)
    wall_ms = _wall_ms if clock is None else clock.wall_ms
    found = trio.run(partial(preflight, job.venue, leverages, wall_ms, prefix=prefix), clock=clock)
    for line in found.told:
        tell(line)
    plan = plan_of(cards, job.settings, found, has_trade_socket=job.venue.has_trade_socket)
    plan = attrs.evolve(plan, policies=policies_of(is_rehearsal=False, time_rate=job.time_rate))
    header = header_of(plan, found, job.profile, job.cards, job.overrides)
    header = msgspec.structs.replace(header, time_rate=job.time_rate)
    tell(f"{job.venue.environment}: {', '.join(plan.instruments)}; equity {found.equity}; reconciling")
    return _served(job, plan, open_journal(job.journal, header), edges_of(job.venue), tell, clock)


def run_paper(job: LiveJob, cards: tuple[Card, ...], tell: Callable[[str], None]) -> int:
    """The same with a simulated account, which begins with the cards' equity and ends with the process."""
    equity = common_equity(cards, job.cards)
    public = trio.run(public_preflight, job.venue, [card.market.symbol for card in cards])
    found = Preflight(public.time_ms, public.instruments, equity)
    plan = attrs.evolve(plan_of(cards, job.settings, found), prices=public.prices)
    journal = open_journal(job.journal, header_of(plan, found, job.profile, job.cards, job.overrides))
    if any(journal.recalled.values()):
        journal.log.close()
        what = "holds an earlier run, whose paper account ended with it"
        raise InputError([Problem(str(job.journal), None, None, "", what, "give another --journal")])
    tell(f"paper on {job.venue.rest().url}: {', '.join(plan.instruments)}; equity {equity}; reconciling")
    return _served(job, plan, journal, paper_edges_of(job.venue), tell)


def _wall_ms() -> int:
    return time.time_ns() // _NS_PER_MS


def _served(
    job: LiveJob,
    plan: LivePlan,
    journal: LiveJournal,
    edges: Mapping[str, Edge],
    tell: Callable[[str], None],
    clock: ScaledClock | None = None,
) -> int:
    kernel = live_kernel(plan, journal.boundary, journal.recalled)
    journal.boundary.kernel = kernel
    logs = LogTail(kernel, plan.instruments, keep=_KEPT)
    code = run_service(
        kernel,
        edges,
        store=journal.log,
        health_port=job.health_port,
        for_ns=None if job.for_s is None else int(job.for_s * SECOND_NS),
        beside=[partial(logs.serve, open_log_sink())],
        on_up=lambda health: tell(f"READY; health at http://127.0.0.1:{health.port}/health"),
        clock=clock,
        wall_ns=time.time_ns if clock is None else lambda: clock.wall_ms() * _NS_PER_MS,
    )
    journal.end(kernel)
    return code


def header_of(
    plan: LivePlan,
    found: Preflight,
    profile: str,
    files: Sequence[Path],
    overrides: Sequence[Sequence[str]],
    *,
    is_rehearsal: bool = False,
) -> LiveHeader:
    """What the journal says of a run, so that it can be replayed."""
    return LiveHeader(
        profile=profile,
        settings=settings_text(plan.settings),
        cards=tuple(
            RunCard(card.id, str(file.absolute()), tuple(words), card_digest(card), plan.since_ms[card.market.symbol])
            for card, file, words in zip(plan.cards, files, overrides, strict=True)
        ),
        instruments=tuple(plan.instruments.values()),
        equity=found.equity,
        venue_ms=found.time_ms,
        prices=dict(plan.prices),
        is_rehearsal=is_rehearsal,
        has_trade_socket=plan.has_trade_socket,
    )


def edges_of(venue: LiveVenue, rest: RestEdge | None = None) -> Mapping[str, Edge]:
    """The edges that serve the ports of Bybit's branch; a new one for requests where none is given."""
    rest = rest or venue.rest()
    edges: dict[str, Edge] = {
        READ_PORT: rest.serve,
        WRITE_PORT: rest.serve,
        PUBLIC_PORT: venue.socket(Socket.PUBLIC_LINEAR),
        PRIVATE_PORT: venue.socket(Socket.PRIVATE),
        TRADE_PORT: venue.socket(Socket.TRADE) if venue.has_trade_socket else _no_socket,
    }
    return edges


async def _no_socket(request: object, emit: object) -> None:
    raise InvariantError("this exchange has no trade socket")


def paper_edges_of(venue: LiveVenue) -> Mapping[str, Edge]:
    """The edges of a paper account: the public market alone."""
    rest = venue.rest()
    return {
        READ_PORT: rest.serve,
        WRITE_PORT: rest.serve,
        PUBLIC_PORT: venue.socket(Socket.PUBLIC_LINEAR),
        TRADES_PORT: venue.socket(Socket.PUBLIC_LINEAR),
    }


def common_equity(cards: Sequence[Card], files: Sequence[Path]) -> Decimal:
    """The equity that all cards name; InputError where they differ."""
    first = cards[0].account.equity
    for card, file in zip(cards, files, strict=True):
        if card.account.equity != first:
            what = f"is {plain_text(card.account.equity)}, and {plain_text(first)} in {files[0]}; one account has one"
            raise InputError([Problem(str(file), None, None, "account.equity", what)])
    return first


def load_cards(files: Sequence[Path], overrides: Sequence[Sequence[str]]) -> tuple[Card, ...]:
    """The cards; InputError with every reason why they cannot share an account."""
    cards: list[Card] = []
    problems: list[ProblemLike] = []
    for file, words in zip(files, overrides, strict=True):
        try:
            cards.append(load_card(file, words))
        except CardError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    for at, card in enumerate(cards):
        for name, value in (("id", card.id), ("market.symbol", card.market.symbol)):
            earlier = [each for each in cards[:at] if value in (each.id, each.market.symbol)]
            if earlier:
                what = f"is also that of the card {earlier[0].id}; a card each, and one card a symbol"
                problems.append(Problem(str(files[at]), None, None, f"{name} {value}", what))
    if problems:
        raise InputError(problems)
    return tuple(cards)


def plan_of(
    cards: tuple[Card, ...], settings: Settings, found: Preflight, *, has_trade_socket: bool = False
) -> LivePlan:
    """The plan of a run from what the exchange has said."""
    instruments = on_common_money(tuple(found.instruments.values()))
    by_symbol = {instrument.symbol: instrument for instrument in instruments}
    since_ms = {card.market.symbol: history_start(card, settings, found.time_ms) for card in cards}
    equity = instruments[0].money(found.equity)
    return LivePlan(
        settings,
        cards,
        by_symbol,
        equity,
        since_ms,
        has_trade_socket=has_trade_socket,
        venue_ms=found.time_ms,
    )


def history_start(card: Card, settings: Settings, now_ms: int) -> int:
    """The first bar open that a run reads: as many exec bars back as the card or the profile wants."""
    exec_ms = card.timeframes.exec.ms
    bars = max(history_bars(card), settings.connection.history_bars if settings.connection else 0)
    return (now_ms // exec_ms - bars) * exec_ms


def history_bars(card: Card) -> int:
    """Exec bars that make the card ready, and those that its features ask for by `history`."""
    exec_ms = card.timeframes.exec.ms
    wanted = [card.warmup or 0, bars_to_be_ready(card)]
    for feature in card.features:
        if feature.history is not None:
            timeframe = card.timeframes.named(feature.timeframe)
            wanted.append(feature.history * timeframe.ms // exec_ms)
    return max(wanted)
