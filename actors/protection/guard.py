"""The levels of one symbol's position: the wanted ones, those at the venue, and the request out.

There is at most one request at a time, so an older one never overtakes a newer. A rejected request is tried five times;
meanwhile and afterwards the levels that came with the order stay in force, so safety is told only of a position that
lacks a level it should have. An entry without levels leaves the position's alone; an added entry moves those it has.

Where levels were moved to since stands in the entry's order, which the journal keeps. The trailing stop is the venue's
own: set once an entry, and carried along in every later request, for one that left it out would remove it.
"""

from actors.model.backend import PositionReport, SetTradingStop
from actors.model.exits import LevelTerms
from actors.model.fixed import Price
from actors.model.instrument import Instrument
from actors.model.levels import break_even_price, stop_loss_price, take_profit_price, trail_distance
from actors.model.order import Order, ProtectionTerms
from actors.model.result import OrderResult, RejectReason, RequestOutcome
from actors.orders.messages import LedgerChanged, MoveLevels
from actors.protection.ladder import has_filled, targets_of
from actors.protection.messages import RetryProtection, StopSeen, Unprotected
from runtime.context import Context
from runtime.messages import AskFailed, Ref

__all__ = ["PositionGuard"]

_Trail = tuple[str, LevelTerms | None, LevelTerms | None]  # entry, distance and activation of a trailing stop
_TIMEOUT_NS = 10_000_000_000
_RETRY_NS = 1_000_000_000
_MAX_ATTEMPTS = 5


class PositionGuard:
    """Keeps one position's levels at their exact distance; `asked` maps the correlation of a request to its guard."""

    def __init__(
        self,
        port: Ref,
        safety: Ref,
        orders: Ref,
        instrument: Instrument,
        asked: "dict[int, PositionGuard]",
        round_trip_ns: int,
    ) -> None:
        self._timeout_ns = _TIMEOUT_NS + round_trip_ns
        self._port = port
        self._safety = safety
        self._orders = orders
        self._instrument = instrument
        self._asked = asked
        self._timer = f"retry/{instrument.symbol}"
        self._wanted: SetTradingStop | None = None  # levels to be set; None: those at the venue are right
        self._current: tuple[Price | None, Price | None] = (None, None)  # stop loss and take profit at the venue
        self._trailing: Price | None = None  # distance of the trailing stop at the venue
        self._trailed: _Trail | None = None  # the entry that it was set for, and its terms
        self._asked_for = ""  # our id of the entry whose targets were asked for
        self._sent: SetTradingStop | None = None  # the request not answered yet
        self._attempts = 0
        self._revision = 0
        self._entry: Order | None = None  # whose levels the position should have

    def ledger_changed(self, message: LedgerChanged, ctx: Context) -> None:
        """Move the levels after an entry's fill, or forget them when the position is flat."""
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
        if self._entry is not None:
            self._follow(self._entry, message.orders, ctx)

    def _follow(self, entry: Order, changed: tuple[Order, ...], ctx: Context) -> None:
        """Move the levels that the entry says were moved, ask for its targets, and move the stop to break-even."""
        if entry.last_price is not None and (entry.stop_at is not None or entry.target_at is not None):
            wanted = self._wanted or SetTradingStop(self._instrument.symbol, *self._current)
            stop_loss, take_profit = self._levels(entry, entry.last_price)
            if stop_loss not in (None, wanted.stop_loss) or take_profit not in (None, wanted.take_profit):
                self._protect(entry, entry.last_price, None, ctx)
        exits = entry.exits
        if exits is None:
            return
        trail = _trail_of(entry)
        if entry.last_price is not None and trail is not None and trail != self._trailed:
            self._protect(entry, entry.last_price, None, ctx)
        if exits.targets and entry.status.has_ended and self._asked_for != entry.request.link_id:
            self._asked_for = entry.request.link_id
            for target in targets_of(entry, self._instrument):
                ctx.send(self._orders, target)
        number = exits.break_even_target
        if number is not None and has_filled(entry, number, changed):
            price = break_even_price(entry, self._instrument)
            if price is not None:
                decision = (entry.card_id, entry.block_id, entry.bar_close_ms)
                symbol = self._instrument.symbol
                ctx.send(self._orders, MoveLevels(*decision, symbol, price, None, only_tighten=True))

    def _protect(self, entry: Order, fill_price: Price, attached: ProtectionTerms | None, ctx: Context) -> None:
        """Set the levels measured from `fill_price`; those in `attached` are in force since the fill."""
        if attached is not None:
            current_stop, current_profit = self._current
            current_stop = current_stop if attached.stop_loss is None else attached.stop_loss
            self._current = (current_stop, current_profit if attached.take_profit is None else attached.take_profit)
        wanted = self._wanted
        stop_loss, take_profit = self._current if wanted is None else (wanted.stop_loss, wanted.take_profit)
        exact_stop, exact_profit = self._levels(entry, fill_price)
        stop_loss = stop_loss if exact_stop is None else exact_stop
        take_profit = take_profit if exact_profit is None else exact_profit
        trailing, active_price = self._trail_at(entry, fill_price)
        self._wanted = SetTradingStop(self._instrument.symbol, stop_loss, take_profit, trailing, active_price)
        self._attempts = 0
        if self._sent is None:
            self._send(ctx)

    def answered(self, message: OrderResult, ctx: Context) -> None:
        """Accepted, or in force already: done. After any other answer try again."""
        sent, self._sent = self._sent, None
        if sent is None or self._wanted is None:
            return
        if message.outcome is RequestOutcome.ACCEPTED or message.rejection is RejectReason.NOTHING_CHANGED:
            self._current = (sent.stop_loss, sent.take_profit)
            self._trailing = sent.trailing_stop
            if sent.stop_loss is not None:
                ctx.note(StopSeen(self._instrument.symbol, is_standing=True, time_ms=ctx.now // 1_000_000))
            if self._wanted is sent:
                self._wanted = None
            else:
                self._send(ctx)  # a later fill has changed the wanted levels meanwhile
        else:
            self._again(message.reason or message.outcome.value, ctx)

    def failed(self, message: AskFailed, ctx: Context) -> None:
        """No answer came: set the levels again, which is harmless if they are set already."""
        self._sent = None
        if self._wanted is not None:
            self._again(f"no answer: {message.cause}", ctx)

    def retry(self, ctx: Context) -> None:
        """Set the levels again, if they still have to be set."""
        if self._wanted is not None and self._sent is None:
            self._send(ctx)

    def venue_says(self, message: PositionReport, ctx: Context) -> None:
        """Take over the levels that a reconciliation has read; set again one that is missing or not at its distance.

        The request that moved it to its distance may have been lost when this actor restarted.
        """
        self._current = (message.stop_loss, message.take_profit)
        self._trailing = message.trailing_stop
        entry = self._entry
        stated = None if entry is None else _trail_of(entry)
        if entry is not None and message.trailing_stop == self._distance(entry, stated):
            self._trailed = stated
        if message.position.qty == 0:
            self._forget(ctx)
        elif entry is not None and entry.last_price is not None and self._wanted is None:
            stop_loss, take_profit = self._levels(entry, entry.last_price)
            if message.stop_loss is None and stop_loss is not None:
                ctx.note(StopSeen(self._instrument.symbol, is_standing=False, time_ms=ctx.now // 1_000_000))
            lacks_trail = stated is not None and message.trailing_stop != self._distance(entry, stated)
            if lacks_trail:
                self._trailed = None
            if (
                stop_loss not in (None, message.stop_loss)
                or take_profit not in (None, message.take_profit)
                or lacks_trail
            ):
                self._protect(entry, entry.last_price, None, ctx)

    def _levels(self, entry: Order, fill_price: Price) -> tuple[Price | None, Price | None]:
        """Stop loss and take profit where they were moved to, or at their exact distance from a fill; None where the
        entry has none.
        """
        instrument, side = self._instrument, entry.request.side
        stop_loss, take_profit = entry.stop_at, entry.target_at
        if stop_loss is None and entry.stop_loss is not None:
            stop_loss = stop_loss_price(instrument, side, fill_price, entry.stop_loss)
        if take_profit is None and entry.take_profit is not None:
            take_profit = take_profit_price(instrument, side, fill_price, entry.take_profit)
        return stop_loss, take_profit

    def _trail_at(self, entry: Order, fill_price: Price) -> tuple[Price | None, Price | None]:
        """The trailing stop's distance and its activation price, which is told only when it is set anew."""
        stated = _trail_of(entry)
        if stated is None or stated == self._trailed:
            pending = self._wanted
            return (self._trailing, None) if pending is None else (pending.trailing_stop, pending.active_price)
        self._trailed = stated
        _, distance, start = stated
        if distance is None:
            return None, None
        instrument, side = self._instrument, entry.request.side
        active_price = None if start is None else take_profit_price(instrument, side, fill_price, start)
        return trail_distance(instrument, fill_price, distance), active_price

    def _distance(self, entry: Order, stated: _Trail | None) -> Price | None:
        """The distance of the trailing stop that the position should have."""
        if stated is None or stated[1] is None or entry.last_price is None:
            return None
        return trail_distance(self._instrument, entry.last_price, stated[1])

    def _forget(self, ctx: Context) -> None:
        self._current, self._trailing, self._trailed = (None, None), None, None
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
            wanted, (stop_loss, take_profit) = self._wanted, self._current
            lacks_stop = wanted.stop_loss is not None and stop_loss is None
            if lacks_stop or (wanted.take_profit is not None and take_profit is None):
                ctx.send(self._safety, Unprotected(wanted.symbol, reason))
        else:
            ctx.after(_RETRY_NS, RetryProtection(self._instrument.symbol), self._timer)


def _trail_of(entry: Order) -> _Trail | None:
    """The trailing stop that an entry states: none at a distance where the stop loss follows a feature. None: it says
    nothing of one, and leaves the position's as it is.
    """
    exits = entry.exits
    if exits is None or (exits.trail is None and not exits.trail_along):
        return None
    return entry.request.link_id, exits.trail, exits.trail_from
