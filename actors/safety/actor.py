"""Watches losses and failed protection; takes the trading state down by itself, and never up.

The state survives restarts through the journal: a loss limit that was hit stays hit.
"""

from actors.model.fixed import Money
from actors.orders.messages import LedgerChanged
from actors.protection.messages import Unprotected
from actors.safety.messages import TradingState, TradingStateChanged, TradingStateQuery
from runtime.actor import STARTING, Actor, StartResult, handles
from runtime.context import Context
from runtime.journal.messages import Recall, Recalled
from runtime.messages import Ref, Remember

__all__ = ["Safety"]

_TOPIC = "trading_state"
_TIMEOUT_NS = 30_000_000_000


class Safety(Actor):
    """`wallet_floor`: at or below this wallet balance only closes go out; None sets no limit."""

    def __init__(self, journal: Ref, intents: Ref, wallet_floor: Money | None) -> None:
        self._journal = journal
        self._intents = intents
        self._wallet_floor = wallet_floor
        self._current = TradingStateChanged(TradingState.ACTIVE, "")

    def start(self, ctx: Context) -> StartResult:
        ctx.ask(self._journal, Recall(_TOPIC), _TIMEOUT_NS)
        return STARTING

    @handles(Recalled)
    def recalled(self, message: Recalled, ctx: Context) -> None:
        """The state before a restart."""
        for _, state in message.entries:
            self._current = state
        ctx.started()

    @handles(LedgerChanged)
    def ledger_changed(self, message: LedgerChanged, ctx: Context) -> None:
        """Money has moved: is the loss limit reached?"""
        if self._wallet_floor is not None and message.wallet <= self._wallet_floor:
            self._lower(TradingState.REDUCING, "loss limit reached", ctx)

    @handles(Unprotected)
    def unprotected(self, message: Unprotected, ctx: Context) -> None:
        """A position without its stop: no new risk."""
        self._lower(TradingState.REDUCING, f"{message.symbol} is unprotected: {message.reason}", ctx)

    @handles(TradingStateQuery)
    def query(self, message: TradingStateQuery, ctx: Context) -> None:
        """The current state."""
        ctx.reply(self._current)

    def _lower(self, state: TradingState, reason: str, ctx: Context) -> None:
        if self._current.state is TradingState.ACTIVE:
            self._current = TradingStateChanged(state, reason)
            ctx.remember(Remember(_TOPIC, "state", self._current))
            ctx.send(self._intents, self._current)
