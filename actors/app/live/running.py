"""`coldframe run`: from cards and a profile to a service that trades, and to its exit code."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import attrs
import msgspec
import trio

from actors.app import names
from actors.app.live.edges import edges_of, paper_edges_of
from actors.app.live.house import LivePlan, live_kernel, policies_of
from actors.app.live.journal import LiveJournal, open_journal
from actors.app.live.logs import LogTail, open_log_sink
from actors.app.live.needs import check_needs
from actors.app.live.planning import common_equity, header_of, load_cards, plan_of, traded_and_read
from actors.app.live.preflight import Preflight, preflight, public_preflight
from actors.app.live.venues import LiveVenue
from actors.app.settings import ProfileName, Settings
from actors.bybit.server.clock import ScaledClock
from actors.model.errors import InputError
from actors.orders.link_id import PREFIX
from actors.orders.messages import AdoptPosition
from ideacards.card import Card
from ideacards.errors import Problem
from runtime.drivers.live_tasks import Edge
from runtime.edges.service import run_service
from runtime.spec import SECOND_NS

__all__ = ["LiveJob", "run_live"]


_NS_PER_MS = 1_000_000
_KEPT = 10_000  # newest entries of the decision record that stay in memory


@attrs.frozen
class LiveJob:
    """Card files with their `--set` values, on one exchange. `for_s`: seconds from READY to an orderly stop.

    `adopted`: symbols of which the operator takes over what the account holds.
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
    adopted: tuple[str, ...] = ()


def run_live(job: LiveJob, tell: Callable[[str], None]) -> int:
    """Run until stopped; the exit code of the service. `tell` is given each line for the user.

    Raises InputError for cards that do not go together, ConfigurationError for an exchange or account that is not fit.
    """
    cards = load_cards(job.cards, job.overrides)
    check_needs(cards, job.settings, job.venue)
    _check_adopted(job, cards)
    if job.settings.profile is ProfileName.PAPER:
        return run_paper(job, cards, tell)
    leverages = {card.market.symbol: int(card.account.leverage) for card in cards}
    prefix = f"{PREFIX}{job.settings.deployment}"
    clock = None if job.time_rate == 1 else ScaledClock(_wall_ms(), job.time_rate)
    wall_ms = _wall_ms if clock is None else clock.wall_ms
    _, leaders = traded_and_read(cards)
    found = trio.run(partial(preflight, job.venue, leverages, wall_ms, prefix=prefix, leaders=leaders), clock=clock)
    for line in found.told:
        tell(line)
    plan = plan_of(cards, job.settings, found, has_trade_socket=job.venue.has_trade_socket)
    plan = attrs.evolve(plan, policies=policies_of(is_rehearsal=False, time_rate=job.time_rate))
    header = header_of(plan, found, job.profile, job.cards, job.overrides)
    header = msgspec.structs.replace(header, time_rate=job.time_rate)
    tell(f"{job.venue.environment}: {_symbols(plan)}; equity {found.equity}; reconciling")
    return _served(job, plan, open_journal(job.journal, header), edges_of(job.venue), tell, clock)


def run_paper(job: LiveJob, cards: tuple[Card, ...], tell: Callable[[str], None]) -> int:
    """The same with a simulated account, which begins with the cards' equity and ends with the process."""
    equity = common_equity(cards, job.cards)
    traded, leaders = traded_and_read(cards)
    public = trio.run(partial(public_preflight, job.venue, traded, leaders=leaders))
    found = Preflight(public.time_ms, public.instruments, equity)
    plan = attrs.evolve(plan_of(cards, job.settings, found), prices=public.prices)
    journal = open_journal(job.journal, header_of(plan, found, job.profile, job.cards, job.overrides))
    if any(journal.recalled.values()):
        journal.log.close()
        what = "holds an earlier run, whose paper account ended with it"
        raise InputError([Problem(str(job.journal), None, None, "", what, "give another --journal")])
    tell(f"paper on {job.venue.rest().url}: {_symbols(plan)}; equity {equity}; reconciling")
    return _served(job, plan, journal, paper_edges_of(job.venue), tell)


def _check_adopted(job: LiveJob, cards: tuple[Card, ...]) -> None:
    """InputError for a symbol that no card trades, and for an account that begins with every run."""
    traded = [card.market.symbol for card in cards]
    wrong = [
        Problem("--adopt", None, None, symbol, "no card of this run trades it", f"they trade {', '.join(traded)}")
        for symbol in job.adopted
        if symbol not in traded
    ]
    if job.adopted and job.settings.profile is ProfileName.PAPER:
        what, hint = "a paper account begins with nothing to adopt", "leave --adopt out"
        wrong = [Problem("--adopt", None, None, "", what, hint)]
    if wrong:
        raise InputError(wrong)


def _symbols(plan: LivePlan) -> str:
    """What is traded, and what is read besides."""
    led = f", led by {', '.join(plan.leaders)}" if plan.leaders else ""
    return f"{', '.join(plan.instruments)}{led}"


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
        commands=[(names.ORDERS, AdoptPosition(symbol)) for symbol in job.adopted],
        clock=clock,
        wall_ns=time.time_ns if clock is None else lambda: clock.wall_ms() * _NS_PER_MS,
    )
    journal.end(kernel)
    return code
