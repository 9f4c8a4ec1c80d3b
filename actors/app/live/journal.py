"""The journal of live runs: one folder for one deployment, a header for each run, and the memory of the runs before.

A run's header holds all that its replay needs beside the card: settings, instruments, the equity at the start. What
comes in from the network is text in the journal; no key is in it.
"""

import json
import secrets
import sys
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import msgspec
import numpy as np

from actors.app.files.toml import structure
from actors.app.live.house import LivePlan, policies_of
from actors.app.live.memories import Recollection
from actors.app.settings import Settings
from actors.app.version import coldframe_version
from actors.model.calls import CallAnswered, CallLost
from actors.model.errors import InputError
from actors.model.fixed import Price
from actors.model.instrument import Instrument
from actors.model.streams import SocketClosed, SocketConnected, SocketFrame
from actors.orders.messages import AdoptPosition
from actors.reconciler.messages import ReconcileNow
from actors.strategy.messages import Pause, Resume
from ideacards.card import Card
from ideacards.errors import Problem
from ideacards.loading.toml_text import parse_toml
from runtime.edges.disk import FolderDisk
from runtime.journal.boundary import Boundary
from runtime.journal.codec import Codec
from runtime.journal.errors import JournalCorrupt, JournalLocked
from runtime.journal.format import ENDED, HEADER
from runtime.journal.log import AppendLog, open_log
from runtime.kernel.kernel import Kernel

__all__ = ["LIVE", "LeaderFeed", "LiveHeader", "LiveJournal", "RunCard", "live_codec", "open_journal", "plan_of_header"]

LIVE = "live"
_MIB = 1 << 20


def live_codec() -> Codec:
    """Codec of what comes in from outside: answers and frames, and what an operator says."""
    operator = (AdoptPosition, ReconcileNow, Pause, Resume)
    return Codec((CallAnswered, CallLost, SocketConnected, SocketFrame, SocketClosed, *operator))


class RunCard(msgspec.Struct, frozen=True):
    """A card of a run: its file and `--set` values, and the digest of what they made."""

    id: str
    file: str
    overrides: tuple[str, ...]
    digest: str
    since_ms: int  # the first bar open (UTC ms) that was read


class LeaderFeed(msgspec.Struct, frozen=True):
    """A symbol that cards read and none trades: its instrument, and the first bar open (UTC ms) that was read."""

    instrument: Instrument
    since_ms: int


class LiveHeader(msgspec.Struct, frozen=True):
    """What a replay needs to know of a live run. `equity` is in quote coin."""

    profile: str
    settings: str  # the profile's TOML, flags applied
    cards: tuple[RunCard, ...]
    instruments: tuple[Instrument, ...]
    equity: Decimal
    venue_ms: int
    is_rehearsal: bool = False
    time_rate: float = 1.0
    prices: dict[str, int] = {}  # the last ones when a paper account began
    has_trade_socket: bool = False
    has_status_socket: bool = False  # runs of earlier versions had none
    leaders: tuple[LeaderFeed, ...] = ()
    kind: str = LIVE


def plan_of_header(header: LiveHeader, cards: tuple[Card, ...]) -> LivePlan:
    """The plan that the run was built from, over these cards."""
    settings = structure(parse_toml(header.settings, "the journal's header"), Settings)
    instruments = {instrument.symbol: instrument for instrument in header.instruments}
    equity = header.instruments[0].money(header.equity)
    since_ms = {card.market.symbol: told.since_ms for card, told in zip(cards, header.cards, strict=True)}
    since_ms |= {told.instrument.symbol: told.since_ms for told in header.leaders}
    policies = policies_of(is_rehearsal=header.is_rehearsal, time_rate=header.time_rate)
    prices = {symbol: Price(price) for symbol, price in header.prices.items()}
    return LivePlan(
        settings,
        cards,
        instruments,
        equity,
        since_ms,
        policies,
        has_trade_socket=header.has_trade_socket,
        has_status_socket=header.has_status_socket,
        venue_ms=header.venue_ms,
        prices=prices,
        leaders={told.instrument.symbol: told.instrument for told in header.leaders},
    )


@attrs.frozen(eq=False)
class LiveJournal:
    """An open journal; `recalled` is what earlier runs have remembered, by topic and key."""

    log: AppendLog
    boundary: Boundary
    recalled: Mapping[str, Mapping[str, Any]]

    def end(self, kernel: Kernel) -> None:
        """The last record, where the log still takes one; then close it."""
        outcome = kernel.life.outcome
        if self.log.failure is None and outcome is not None:
            said = {"is_clean": outcome.is_clean, "reason": outcome.reason, "handled": kernel.handled}
            self.log.append(ENDED, kernel.now, json.dumps(said).encode())
        self.log.close()


def open_journal(path: Path, header: LiveHeader) -> LiveJournal:
    """The journal in the folder `path`, new or of earlier runs, with the header of one more run.

    InputError for a journal that is damaged or in use, and for one of something else.
    """
    memory, kinds = Recollection(), []

    def take(record: Any) -> None:
        memory.take(record)
        if record.kind == HEADER:
            kinds.append(json.loads(record.payload).get("kind", "backtest"))

    try:
        log = open_log(FolderDisk(path), each=take)
    except JournalLocked as error:
        what, hint = "another run writes this journal", "stop that one, or give another --journal"
        raise InputError([Problem(str(path), None, None, "", what, hint)]) from error
    except (OSError, JournalCorrupt) as error:
        hint = "`coldframe journal verify` says more" if isinstance(error, JournalCorrupt) else ""
        raise InputError([Problem(str(path), None, None, "", f"cannot be a journal: {error}", hint)]) from error
    _check_kinds(path, log, kinds)
    facts = {
        "run_id": secrets.token_hex(8),
        "coldframe_version": coldframe_version(),
        "python_version": ".".join(map(str, sys.version_info[:3])),
        "numpy_version": np.__version__,
        **msgspec.to_builtins(header),
    }
    log.append(HEADER, 0, msgspec.json.encode(facts))
    return LiveJournal(log, Boundary(log, live_codec()), memory.topics)


def _check_kinds(path: Path, log: AppendLog, kinds: Iterable[str]) -> None:
    if any(kind != LIVE for kind in kinds):
        log.close()
        what = "is the journal of a back-test, and a live run keeps its memory in its own"
        raise InputError([Problem(str(path), None, None, "", what, "give another --journal")])
