"""Lowers the trading state after losses, after failed protection, while the venue's time is not known, and around
planned maintenance.

After losses and failed protection the state stays lowered, over restarts too, for the journal keeps it. An
unsynchronised clock and a maintenance lower it for as long as they last; this is not journaled, for clocksync is asked
at every start, and who knows of a maintenance tells it again.
"""

from actors.clocksync.messages import FollowClock, Synchronised, Unsynchronised
from actors.maintenance.messages import VenueClosing, VenueOpen
from actors.model.errors import NetworkError
from actors.model.fixed import Money
from actors.orders.messages import LedgerChanged
from actors.protection.messages import Unprotected
from actors.safety.messages import TradingState, TradingStateChanged, TradingStateQuery
from runtime.actor import STARTING, Actor, StartResult, handles
from runtime.context import Context
from runtime.journal.messages import Recall, Recalled
from runtime.messages import AskCause, AskFailed, Down, Ref, Remember, Up

__all__ = ["Safety"]

_TOPIC = "trading_state"
_TIMEOUT_NS = 30_000_000_000


class Safety(Actor):
    """At a wallet balance of `wallet_floor` or less only closing orders are allowed; None sets no limit."""

    def __init__(self, journal: Ref, intents: Ref, clock: Ref, wallet_floor: Money | None) -> None:
        self._journal = journal
        self._intents = intents
        self._clock = clock
        self._wallet_floor = wallet_floor
        self._lasting = TradingStateChanged(TradingState.ACTIVE, "")
        self._clock_state: Synchronised | Unsynchronised | None = None
        self._closing: VenueClosing | VenueOpen = VenueOpen()
        self._is_recalled = False

    def start(self, ctx: Context) -> StartResult:
        ctx.watch(self._clock)
        ctx.ask(self._journal, Recall(_TOPIC), _TIMEOUT_NS)
        ctx.ask(self._clock, FollowClock(ctx.me), _TIMEOUT_NS)
        return STARTING

    @handles(Recalled)
    def recalled(self, message: Recalled, ctx: Context) -> None:
        """Take over the state of before a restart."""
        for _, state in message.entries:
            self._lasting = state
        self._is_recalled = True
        if self._clock_state is not None:
            ctx.started()

    @handles(LedgerChanged)
    def ledger_changed(self, message: LedgerChanged, ctx: Context) -> None:
        """Lower the state to reducing if the wallet has reached its floor."""
        if self._wallet_floor is not None and message.wallet <= self._wallet_floor:
            self._lower(TradingState.REDUCING, "loss limit reached", ctx)

    @handles(Unprotected)
    def unprotected(self, message: Unprotected, ctx: Context) -> None:
        """Lower the state to reducing: a position lacks a level that it should have."""
        self._lower(TradingState.REDUCING, f"{message.symbol} is unprotected: {message.reason}", ctx)

    @handles(TradingStateQuery)
    def query(self, message: TradingStateQuery, ctx: Context) -> None:
        """Answer with the current state."""
        ctx.reply(self._current)

    @handles(Synchronised, Unsynchronised)
    def clock_changed(self, message: Synchronised | Unsynchronised, ctx: Context) -> None:
        """The clock's state, as an answer or a change; while it is unsynchronised the trading state is reducing."""
        is_first = self._clock_state is None
        before = self._current
        self._clock_state = message
        if is_first:
            if self._is_recalled:
                ctx.started()
        elif self._current != before:
            ctx.send(self._intents, self._current)

    @handles(VenueClosing, VenueOpen)
    def maintenance(self, message: VenueClosing | VenueOpen, ctx: Context) -> None:
        """From shortly before a planned maintenance until its end the trading state is reducing."""
        before = self._current
        self._closing = message
        if self._current != before:
            ctx.send(self._intents, self._current)

    @handles(Up)
    def clock_up(self, message: Up, ctx: Context) -> None:
        """Follow the clock again: after a restart it has no followers."""
        ctx.ask(self._clock, FollowClock(ctx.me), _TIMEOUT_NS)

    @handles(Down)
    def clock_down(self, message: Down, ctx: Context) -> None:
        """Keep the last known state of the clock until Up follows, or the tree stops."""

    @handles(AskFailed)
    def failed(self, message: AskFailed, ctx: Context) -> None:
        """After a crash of the clock Up asks again; a live actor that does not answer is a fault: NetworkError."""
        if message.target == self._journal or message.cause is not AskCause.DIED:
            raise NetworkError(f"no answer from {message.target}: {message.cause}")

    @property
    def _current(self) -> TradingStateChanged:
        """The trading state: the journaled one if it is lowered, else what the clock and the venue allow."""
        if self._lasting.state is TradingState.ACTIVE:
            for passing in (self._clock_state, self._closing):
                if isinstance(passing, Unsynchronised | VenueClosing):
                    return TradingStateChanged(TradingState.REDUCING, passing.reason)
        return self._lasting

    def _lower(self, state: TradingState, reason: str, ctx: Context) -> None:
        if self._lasting.state is TradingState.ACTIVE:
            self._lasting = TradingStateChanged(state, reason)
            ctx.remember(Remember(_TOPIC, "state", self._lasting))
            ctx.send(self._intents, self._lasting)
