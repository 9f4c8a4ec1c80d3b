"""The ledger: orders by our id, executions by the venue's, positions by symbol, and the account's wallet.

They change together and are published together: a revision holds a symbol's position, its orders in flight and the
wallet as of the same frame or answer, so no reader sees a fill without its position. It sends no messages and reads no
clock.
"""

from collections.abc import Mapping
from typing import NamedTuple

from msgspec.structs import replace

from actors.model.backend import PositionReport
from actors.model.fixed import Money, Qty, power_of_ten
from actors.model.instrument import Instrument
from actors.model.order import Fill, LocalStatus, Order, OrderReport, PositionIdx
from actors.model.position import Position, apply_fill
from actors.orders.book import SymbolBook
from actors.orders.drafting import rests
from actors.orders.executions import BookedExecutions
from actors.orders.levels import entry_of, moved_by
from actors.orders.messages import (
    Booked,
    InFlightOrder,
    LedgerChanged,
    LocalOrder,
    LocalView,
    MoveLevels,
    Reconciled,
)
from actors.orders.moves import Move, RecentMoves
from actors.orders.store import OrderStore

__all__ = ["Ledger", "hedged"]

_RESTING = (LocalStatus.WORKING, LocalStatus.UNTRIGGERED)


def hedged(symbol: str, position_idx: PositionIdx) -> str:
    """The drift in words of a report of a hedge position; this account has one position a symbol."""
    return f"{symbol} has a position of hedge mode (positionIdx {position_idx:d}), which is not merged with ours"


class _Statement(NamedTuple):
    """A wallet that the venue has stated, and the symbols whose executions up to then have not been listed yet."""

    wallet: Money
    time_ms: int
    awaited: dict[str, bool]


class Ledger:
    """The ledger of one account. Each revision is one more than the last."""

    def __init__(self, instruments: Mapping[str, Instrument]) -> None:
        self.orders = OrderStore()
        self.wallet = Money(0)
        self.is_synced = False  # whether the venue has stated where the account begins
        self._executions = BookedExecutions()
        self._books = {symbol: SymbolBook(instrument) for symbol, instrument in instruments.items()}
        self._moves = RecentMoves()
        self._statement: _Statement | None = None
        self._revision = 0
        self._changed: list[SymbolBook] = []

    def foreign_fee(self, fill: Fill) -> str:
        """Why the fee of an execution is not counted, or "" if it is."""
        instrument = self._books[fill.symbol].instrument
        if fill.fee_currency in ("", instrument.settle_coin, instrument.base_coin):
            return ""
        amount = instrument.money_text(fill.fee)
        return f"execution {fill.exec_id} has a fee of {amount} {fill.fee_currency}, which the wallet does not count"

    def stranger(self, event: OrderReport | Fill) -> str:
        """Why a report or an execution is not of a symbol traded here, or "" if it is."""
        book = self._books.get(event.symbol)
        kind = type(event).__name__
        if book is None:
            return f"{kind} of a symbol that is not traded here"
        if isinstance(event, Fill) and event.category != book.instrument.category:
            return f"{kind} of {event.category} {event.symbol}, which is traded here as {book.instrument.category}"
        return ""

    def begin(self, first_revision: int) -> None:
        """Number revisions from `first_revision` + 1 on."""
        self._revision = first_revision

    # -- orders -------------------------------------------------------------------------------------------------

    def add(self, order: Order) -> None:
        """Add a new order."""
        self.orders.add(order)
        self._track_in_flight(order, self._books[order.request.symbol])

    def changed(self, order: Order) -> Order:
        """Put a copy of a changed order into the next revision, and return that copy."""
        as_it_is = replace(order)
        book = self._books[order.request.symbol]
        book.orders[order.request.link_id] = as_it_is
        self._mark(book)
        if order.status.has_ended:
            book.in_flight.pop(order.request.link_id, None)
        else:
            self._track_in_flight(order, book)
        return as_it_is

    def _track_in_flight(self, order: Order, book: SymbolBook) -> None:
        is_resting = order.status in _RESTING
        known = book.in_flight.get(order.request.link_id)
        entry = entry_of(order)
        if (
            known is None
            or known.is_resting is not is_resting
            or known.bar_close_ms != order.bar_close_ms
            or known.entry != entry
        ):
            book.in_flight[order.request.link_id] = InFlightOrder(
                card_id=order.card_id,
                block_id=order.block_id,
                bar_close_ms=order.bar_close_ms,
                is_entry=order.is_entry,
                may_rest=rests(order.request),
                is_resting=is_resting,
                entry=entry,
            )

    # -- executions ---------------------------------------------------------------------------------------------

    def is_new(self, fill: Fill) -> bool:
        """Whether this execution has not been booked, and is not part of the position first read from the venue."""
        return self._executions.is_new(fill) and fill.time_ms >= self._books[fill.symbol].begins_ms

    def book(self, fill: Fill, order: Order | None) -> str:
        """Book one new execution: update its order, the position and the wallet.

        Returns the key of the execution that is forgotten for it, or "".
        """
        book = self._books[fill.symbol]
        forgotten = self._executions.add(fill)
        book.last_fill_ms = max(book.last_fill_ms, fill.time_ms)
        book.fills.append(fill)
        book.last_fill_price = fill.price if fill.traded_qty else book.last_fill_price
        self._mark(book)
        qty, coin = fill.traded_qty, fill.fee_currency
        cash, signed = -fill.fee, fill.side * qty
        if coin and coin != book.instrument.settle_coin:
            cash, signed = 0, book.less_fee(signed, fill)
        if qty:  # else it is funding or a fee, which moves the wallet alone
            value = book.instrument.value(fill.price, qty)
            paid = value
            if signed * fill.side <= 0:  # the fee has taken the whole quantity, so there is no cost to carry
                cash, paid = cash - fill.side * value, Money(0)
            if signed:
                book.position, realised = apply_fill(book.position, signed, paid)
                cash += realised
            if order is not None:
                order.filled_qty = Qty(order.filled_qty + qty)
                order.filled_value = Money(order.filled_value + value)
                order.last_price = fill.price
                order.opened_ms = order.opened_ms or fill.time_ms
            book.follow(signed, order)
        self.wallet = Money(self.wallet + cash)
        self._moves.note(Move(fill.symbol, fill.time_ms, signed, cash))
        return forgotten

    def move_levels(self, message: MoveLevels) -> Order | None:
        """Note where a position's levels are moved to, in the entry that protects it; None if nothing is to be moved.

        A position whose entry had no levels is protected by its newest entry from then on.
        """
        book = self._books[message.symbol]
        held = book.position.qty
        entry = book.protected or self.orders.newest_entry(message.symbol, held)
        if not held or entry is None or not moved_by(entry, message, book.instrument):
            return None
        book.protected = entry
        self._mark(book)
        return entry

    def keep_unbooked(self, fill: Fill) -> str:
        """Remember an execution of an unknown kind without booking it; returns what `book` returns."""
        return self._executions.add(fill)

    def executed_qty(self, order_id: str) -> int:
        """Booked quantity of an order that the venue placed itself, by the venue's order id; 0 if unknown."""
        return self._executions.executed_qty(order_id)

    # -- revisions ----------------------------------------------------------------------------------------------

    def _mark(self, book: SymbolBook) -> None:
        if not book.is_changed:
            book.is_changed = True
            self._changed.append(book)

    def held(self, symbol: str) -> Qty:
        """The signed quantity of a symbol's position."""
        return self._books[symbol].position.qty

    def tell(self, symbol: str) -> None:
        """Include this symbol in the next revision, whether it has changed or not."""
        self._mark(self._books[symbol])

    def revise(self) -> tuple[LedgerChanged, ...]:
        """What has changed since the last revision, one message a symbol; empty if nothing has."""
        if not self._changed:
            return ()
        self._revision += 1
        revised = tuple(self._state_of(book) for book in self._changed)
        for book in self._changed:
            book.is_changed = False
            book.orders = {}
            book.fills = []
        self._changed.clear()
        return revised

    def as_it_is(self, symbol: str) -> LedgerChanged:
        """The current state of a symbol, under the newest revision's number."""
        return self._state_of(self._books[symbol])

    def _state_of(self, book: SymbolBook) -> LedgerChanged:
        protected = book.protected
        return LedgerChanged(
            revision=self._revision,
            symbol=book.instrument.symbol,
            wallet=self.wallet,
            position=book.position,
            in_flight=tuple(book.in_flight.values()),
            orders=tuple(book.orders.values()),
            fills=tuple(book.fills),
            protected=None if protected is None else replace(protected),
            last_fill_ms=book.last_fill_ms,
            quarantine=book.quarantine,
            layers=book.layers,
            last_fill_price=book.last_fill_price,
        )

    # -- what a restart and a reconciliation need ---------------------------------------------------------------

    def checkpoint(self, symbol: str) -> Booked:
        """What a restart needs to know of a symbol's executions so far, and the wallet."""
        book = self._books[symbol]
        protected = None if book.protected is None else replace(book.protected)
        return Booked(
            symbol=symbol,
            wallet=self.wallet,
            position=book.position,
            last_fill_ms=book.last_fill_ms,
            complete_ms=book.complete_ms,
            protected=protected,
            quarantine=book.quarantine,
            begins_ms=book.begins_ms,
            base_rest=Money(book.base_rest),
            layers=book.layers,
            last_fill_price=book.last_fill_price,
            is_inherited=book.is_inherited,
        )

    def recall_order(self, order: Order) -> None:
        """Add an order from before a restart."""
        known = self.orders.recall_order(order)
        if not known.status.has_ended:
            self._track_in_flight(known, self._books[known.request.symbol])

    def recall(self, booked: Booked) -> None:
        """Restore a symbol's checkpoint after a restart; the orders must have been recalled before."""
        book = self._books.get(booked.symbol)
        if book is None:
            return  # it is not traded any more
        book.position, book.last_fill_ms, book.complete_ms = booked.position, booked.last_fill_ms, booked.complete_ms
        book.quarantine, book.begins_ms = booked.quarantine, booked.begins_ms
        book.base_rest, book.is_inherited = booked.base_rest, booked.is_inherited
        book.layers, book.last_fill_price = booked.layers, booked.last_fill_price
        entry = booked.protected
        book.protected = entry and (self.orders.find(entry.request.link_id) or replace(entry))
        self.wallet, self.is_synced = booked.wallet, True

    def recall_execution(self, fill: Fill) -> None:
        """Remember an execution that was booked before a restart; the checkpoint includes its effect."""
        self._executions.add(fill)
        self._moves.note(Move(fill.symbol, fill.time_ms, fill.side * fill.traded_qty, 0))

    def view(self, symbol: str) -> LocalView:
        """The local view of a symbol, with which its reconciliation begins."""
        book = self._books[symbol]
        orders = tuple(
            LocalOrder(order.request.link_id, order.status, order.filled_qty)
            for order in self.orders.open.values()
            if order.request.symbol == symbol
        )
        return LocalView(symbol, orders, book.complete_ms)

    def reconcile(self, stated: Reconciled) -> str:
        """Compare a symbol with what the venue states; returns the drift in words, or "" if there is none.

        All executions up to then must be booked. The venue may have stated position and wallet before the newest of
        them, so a difference that these explain is no drift. The wallet also changes by transfers and interest, so
        there the venue's value is taken; a position changes by executions alone, and is never taken over here.
        """
        report = stated.position
        book = self._books[report.symbol]
        self._compare_wallet(stated, book)
        if report.position_idx:
            return hedged(report.symbol, report.position_idx)
        if book.complete_ms is None:
            if any(move.symbol == report.symbol for move in self._moves.unseen_at(report.time_ms)):
                return f"{report.symbol} trades while its position is read for the first time"
            book.position, book.begins_ms = report.position, report.time_ms
            book.is_inherited = bool(report.position.qty)
            self._mark(book)
        book.complete_ms = max(book.complete_ms or 0, stated.complete_ms)
        if self._explains_position(book, report):
            return ""
        instrument = book.instrument
        venue, ours = instrument.qty_text(report.position.qty), instrument.qty_text(book.position.qty)
        return f"the venue holds {venue} {report.symbol}, the executions come to {ours}"

    def average_drift(self, report: PositionReport) -> str:
        """Why our executions cannot give the venue's average price; "" if they can, or if it cannot be compared now.

        One tick is allowed for the venue's rounding. Nothing is compared if an execution is as new as the statement,
        for the two may be of different moments. Our exact cost is kept in any case.
        """
        average, book = report.average_price, self._books[report.symbol]
        instrument, held = book.instrument, book.position
        if average is None or not held.qty or held.qty != report.position.qty or report.position_idx:
            return ""
        if any(move.symbol == report.symbol for move in self._moves.unseen_at(report.time_ms)):
            return ""
        top, bottom = average.as_integer_ratio()
        per_unit = abs(held.qty) * instrument.rate_one  # Money of one unit of price
        off = abs(top * power_of_ten(instrument.price_digits) * per_unit - bottom * abs(held.cost))
        if off <= bottom * instrument.tick * per_unit:
            return ""
        ours = instrument.average_text(held.cost, held.qty)
        return f"the venue's average price of {report.symbol} is {average}, our executions come to {ours}"

    def _compare_wallet(self, stated: Reconciled, book: SymbolBook) -> None:
        """Compare the account's wallet, once the executions of every symbol have been listed after it was stated."""
        symbol, wallet = stated.position.symbol, stated.wallet
        statement = self._statement
        if statement is None or symbol not in statement.awaited:  # a new run: its statement replaces an older one
            statement = _Statement(wallet, stated.position.time_ms, dict.fromkeys(self._books, True))
        del statement.awaited[symbol]
        self._statement = statement if statement.awaited else None
        if not self.is_synced:
            self.wallet = wallet
        elif statement.awaited or self._explains_wallet(statement.wallet, statement.time_ms):
            return
        else:
            self.wallet = statement.wallet
        self.is_synced = True
        self._mark(book)

    def _explains_position(self, book: SymbolBook, report: PositionReport) -> bool:
        net, wanted = book.position.qty, report.position.qty
        for move in self._moves.unseen_at(report.time_ms):
            if net == wanted:
                break
            if move.symbol == report.symbol:
                net = Qty(net - move.signed_qty)
        return net == wanted

    def _explains_wallet(self, wallet: Money, time_ms: int) -> bool:
        known = self.wallet
        for move in self._moves.unseen_at(time_ms):
            if known == wallet:
                break
            known = Money(known - move.cash)
        return known == wallet

    def quarantine(self, symbol: str, why: str) -> None:
        """Block the entries of a symbol, or unblock them if `why` is empty."""
        book = self._books[symbol]
        if book.quarantine != why:
            book.quarantine = why
            self._mark(book)

    def inherited(self, symbol: str) -> str:
        """Why a position is not the work of our cards, "" if it is: it was there at the first reading."""
        book = self._books[symbol]
        held = book.instrument.qty_text(book.position.qty)
        return f"{held} {symbol} were held before our first execution: adopt or close them" if book.is_inherited else ""

    def adopt(self, position: Position, symbol: str) -> None:
        """Take over the venue's position by an operator's command, and end the quarantine."""
        book = self._books[symbol]
        book.is_inherited, book.quarantine = False, ""
        if book.position.qty != position.qty:
            book.position = position
        if position.qty == 0:
            book.protected = None
        self._mark(book)
