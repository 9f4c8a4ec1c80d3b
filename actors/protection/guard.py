"""The levels of one symbol's position: what they should be, what stands at the venue, and the one move under way.

A move goes out alone, so that an older one never overtakes a newer. One that is refused is tried a few times; what the
order brought along stays meanwhile, and afterwards. Only a position without a stop or target that it should have is
told to safety. An entry without levels leaves those of the position alone; an added entry moves those that it carries.
"""

from actors.model.backend import PositionReport, SetTradingStop
from actors.model.fixed import Price
from actors.model.instrument import Instrument
from actors.model.levels import stop_loss_price, take_profit_price
from actors.model.order import Order, ProtectionTerms
from actors.model.result import OrderResult, RejectReason, RequestOutcome
from actors.orders.messages import LedgerChanged
from actors.protection.messages import RetryProtection, StopSeen, Unprotected
from runtime.context import Context
from runtime.messages import AskFailed, Ref

__all__ = ["PositionGuard"]

_TIMEOUT_NS = 10_000_000_000
_RETRY_NS = 1_000_000_000
_MAX_ATTEMPTS = 5


class PositionGuard:
    """`wanted` are the exact levels of the last fill, `current` what stands at the venue.

    `asked` is where it notes its questions, so that the answers find it.
    """

    def __init__(
        self, port: Ref, safety: Ref, instrument: Instrument, asked: "dict[int, PositionGuard]", round_trip_ns: int
    ) -> None:
        self._timeout_ns = _TIMEOUT_NS + round_trip_ns
        self._port = port
        self._safety = safety
        self._instrument = instrument
        self._asked = asked
        self._timer = f"retry/{instrument.symbol}"
        self._wanted: SetTradingStop | None = None
        self._current: tuple[Price | None, Price | None] = (None, None)
        self._sent: SetTradingStop | None = None  # under way
        self._attempts = 0
        self._revision = 0
        self._entry: Order | None = None  # whose levels the position should have

    def ledger_changed(self, message: LedgerChanged, ctx: Context) -> None:
        """Every fill of an entry moves its levels; with the position they are gone."""
        if message.revision < self._revision:
            return
        self._revision, self._entry = message.revision, message.protected
        if message.position.qty == 0:
            self._forget(ctx)
            return
        entries = {order.request.link_id: order for order in message.orders if order.is_entry and order.has_levels}
        for fill in message.fills if entries else ():
            entry = entries.get(fill.link_id)
            if entry is not None:
                self._protect(entry, fill.price, entry.request.protection, ctx)

    def _protect(self, entry: Order, fill_price: Price, attached: ProtectionTerms | None, ctx: Context) -> None:
        """Levels from this price, at the venue before the bar's path goes on; `attached` stand there since the fill."""
        if attached is not None:
            held_stop, held_target = self._current
            held_stop = held_stop if attached.stop_loss is None else attached.stop_loss
            self._current = (held_stop, held_target if attached.take_profit is None else attached.take_profit)
        wanted = self._wanted
        stop, target = self._current if wanted is None else (wanted.stop_loss, wanted.take_profit)
        exact_stop, exact_target = self._levels(entry, fill_price)
        stop = stop if exact_stop is None else exact_stop
        target = target if exact_target is None else exact_target
        self._wanted = SetTradingStop(self._instrument.symbol, stop, target)
        self._attempts = 0
        if self._sent is None:
            self._send(ctx)

    def answered(self, message: OrderResult, ctx: Context) -> None:
        """Accepted, or already so; anything else is tried again."""
        sent, self._sent = self._sent, None
        if sent is None or self._wanted is None:
            return
        if message.outcome is RequestOutcome.ACCEPTED or message.rejection is RejectReason.NOTHING_CHANGED:
            self._current = (sent.stop_loss, sent.take_profit)
            if sent.stop_loss is not None:
                ctx.note(StopSeen(self._instrument.symbol, is_standing=True, time_ms=ctx.now // 1_000_000))
            if self._wanted is sent:
                self._wanted = None
            else:
                self._send(ctx)  # a later fill has moved them meanwhile
        else:
            self._again(message.reason or message.outcome.value, ctx)

    def failed(self, message: AskFailed, ctx: Context) -> None:
        """Outcome unknown: setting it again is harmless."""
        self._sent = None
        if self._wanted is not None:
            self._again(f"no answer: {message.cause}", ctx)

    def retry(self, ctx: Context) -> None:
        """Once more, if it still matters."""
        if self._wanted is not None and self._sent is None:
            self._send(ctx)

    def venue_says(self, message: PositionReport, ctx: Context) -> None:
        """Reconciled: what stands at the venue is what we watch; a level that is missing or elsewhere is set again.

        The move to the exact distance may have died with an earlier life of ours.
        """
        self._current = (message.stop_loss, message.take_profit)
        entry = self._entry
        if message.position.qty == 0:
            self._forget(ctx)
        elif entry is not None and entry.last_price is not None and self._wanted is None:
            stop, target = self._levels(entry, entry.last_price)
            if message.stop_loss is None and stop is not None:
                ctx.note(StopSeen(self._instrument.symbol, is_standing=False, time_ms=ctx.now // 1_000_000))
            if stop not in (None, message.stop_loss) or target not in (None, message.take_profit):
                self._protect(entry, entry.last_price, None, ctx)

    def _levels(self, entry: Order, fill_price: Price) -> tuple[Price | None, Price | None]:
        """Stop and target at their exact distance from a fill; None where the entry names none."""
        instrument, side = self._instrument, entry.request.side
        stop = None if entry.stop_loss is None else stop_loss_price(instrument, side, fill_price, entry.stop_loss)
        target = (
            None if entry.take_profit is None else take_profit_price(instrument, side, fill_price, entry.take_profit)
        )
        return stop, target

    def _forget(self, ctx: Context) -> None:
        self._current = (None, None)
        if self._wanted is not None:
            self._wanted = None
            ctx.cancel(self._timer)

    def _send(self, ctx: Context) -> None:
        assert self._wanted is not None
        self._attempts += 1
        self._sent = self._wanted
        self._asked[ctx.ask(self._port, self._wanted, self._timeout_ns)] = self

    def _again(self, reason: str, ctx: Context) -> None:
        assert self._wanted is not None
        if self._attempts >= _MAX_ATTEMPTS:
            wanted, (stop, target) = self._wanted, self._current
            if (wanted.stop_loss is not None and stop is None) or (wanted.take_profit is not None and target is None):
                ctx.send(self._safety, Unprotected(wanted.symbol, reason))
        else:
            ctx.after(_RETRY_NS, RetryProtection(self._instrument.symbol), self._timer)
