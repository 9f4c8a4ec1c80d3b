"""The one ledger: orders by our id, executions by theirs, positions by symbol, and the account's wallet.

All of it is moved together and told together: a revision names a symbol's position, its orders in flight and the wallet
as they are after the same frame or answer, so nobody can see a fill without its position. Pure: no messages, no clock.
"""

from collections.abc import Mapping
from typing import NamedTuple

from msgspec.structs import replace

from actors.model.backend import PositionReport
from actors.model.fixed import Money, Qty, power_of_ten
from actors.model.instrument import Instrument
from actors.model.order import Fill, LocalStatus, Order, OrderReport, PositionIdx
from actors.model.position import FLAT, Position, apply_fill
from actors.orders.drafting import rests
from actors.orders.executions import BookedExecutions
from actors.orders.messages import Booked, InFlightOrder, LedgerChanged, LocalOrder, LocalView, Reconciled
from actors.orders.moves import Move, RecentMoves
from actors.orders.store import OrderStore

__all__ = ["Ledger", "hedged"]

_RESTING = (LocalStatus.WORKING, LocalStatus.UNTRIGGERED)


def hedged(symbol: str, position_idx: PositionIdx) -> str:
    """What is wrong with a report of a hedge position: this account has one position a symbol."""
    return f"{symbol} has a position of hedge mode (positionIdx {position_idx:d}), which is not merged with ours"


class _Book:
    """One symbol: its position, whose levels the position should have, its orders in flight, and what is news."""

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self.position = FLAT
        self.protected: Order | None = None
        self.last_fill_ms = 0
        self.complete_ms: int | None = None  # executions up to this venue time are all booked; None: not known
        self.begins_ms = 0  # the position that was taken as it is holds all executions before this venue time
        self.in_flight: dict[str, InFlightOrder] = {}
        self.orders: dict[str, Order] = {}  # changed since the last revision, as they stand
        self.fills: list[Fill] = []  # booked since then
        self.quarantine = ""  # why entries are blocked; empty: they are not
        self.base_rest = 0  # base coin held beyond the position's whole units, on Money's grid
        self.is_news = False

    def less_fee(self, signed_qty: int, fill: Fill) -> int:
        """By how much a fill moves the position, if its fee is not in the settle coin.

        A fee in base coin comes off the quantity received. What is left of the last unit of quantity is kept, so that
        many small fees are exact. A fee in a third coin moves neither.
        """
        if fill.fee_currency != self.instrument.base_coin:
            return signed_qty
        unit = self.instrument.base_unit
        moved, self.base_rest = divmod(self.base_rest + signed_qty * unit - fill.fee, unit)
        return moved

    def follow(self, signed_qty: int, order: Order | None) -> None:
        """`protected` after a fill: forgotten when the position returns to zero or changes side."""
        net = self.position.qty
        if net == 0 or (net - signed_qty) * net < 0:
            self.protected = None
        if order is not None and order.is_entry and order.has_levels and net * signed_qty > 0:
            self.protected = order


class _Statement(NamedTuple):
    """A wallet that the venue has stated, and the symbols whose executions up to then are still to be listed."""

    wallet: Money
    time_ms: int
    awaited: dict[str, bool]


class Ledger:
    """One account. Revisions grow by one a set of changes."""

    def __init__(self, instruments: Mapping[str, Instrument]) -> None:
        self.orders = OrderStore()
        self.wallet = Money(0)
        self.is_synced = False  # whether the venue has stated where the account begins
        self._executions = BookedExecutions()
        self._books = {symbol: _Book(instrument) for symbol, instrument in instruments.items()}
        self._moves = RecentMoves()
        self._statement: _Statement | None = None
        self._revision = 0
        self._news: list[_Book] = []

    def foreign_fee(self, fill: Fill) -> str:
        """Why the fee of an execution is counted nowhere; empty, if it is counted."""
        instrument = self._books[fill.symbol].instrument
        if fill.fee_currency in ("", instrument.settle_coin, instrument.base_coin):
            return ""
        amount = instrument.money_text(fill.fee)
        return f"execution {fill.exec_id} has a fee of {amount} {fill.fee_currency}, which the wallet does not count"

    def stranger(self, event: OrderReport | Fill) -> str:
        """Why a report or an execution is none of this account's symbols; empty, if it is one of them."""
        book = self._books.get(event.symbol)
        kind = type(event).__name__
        if book is None:
            return f"{kind} of a symbol that is not traded here"
        if isinstance(event, Fill) and event.category != book.instrument.category:
            return f"{kind} of {event.category} {event.symbol}, which is traded here as {book.instrument.category}"
        return ""

    def begin(self, first_revision: int) -> None:
        """Revisions are greater than this from now on."""
        self._revision = first_revision

    # -- orders -------------------------------------------------------------------------------------------------

    def add(self, order: Order) -> None:
        """A new order, or one recalled."""
        self.orders.add(order)
        self._fly(order, self._books[order.request.symbol])

    def changed(self, order: Order) -> Order:
        """An order has moved: its copy goes into the next revision, and comes back."""
        as_it_is = replace(order)
        book = self._books[order.request.symbol]
        book.orders[order.request.link_id] = as_it_is
        self._mark(book)
        if order.status.has_ended:
            book.in_flight.pop(order.request.link_id, None)
        else:
            self._fly(order, book)
        return as_it_is

    def _fly(self, order: Order, book: _Book) -> None:
        is_resting = order.status in _RESTING
        known = book.in_flight.get(order.request.link_id)
        if known is None or known.is_resting is not is_resting or known.bar_close_ms != order.bar_close_ms:
            book.in_flight[order.request.link_id] = InFlightOrder(
                order.card_id,
                order.block_id,
                order.bar_close_ms,
                order.is_entry,
                rests(order.request),
                is_resting,
            )

    # -- executions ---------------------------------------------------------------------------------------------

    def is_new(self, fill: Fill) -> bool:
        """Whether this execution has not been booked, and is in no position that was taken as it is."""
        return self._executions.is_new(fill) and fill.time_ms >= self._books[fill.symbol].begins_ms

    def book(self, fill: Fill, order: Order | None) -> str:
        """Book one execution, once: its order, the position, the wallet.

        Comes back with the key of the execution that is forgotten for it, or an empty text.
        """
        book = self._books[fill.symbol]
        forgotten = self._executions.add(fill)
        book.last_fill_ms = max(book.last_fill_ms, fill.time_ms)
        book.fills.append(fill)
        self._mark(book)
        qty, coin = fill.traded_qty, fill.fee_currency
        cash, signed = -fill.fee, fill.side * qty
        if coin and coin != book.instrument.settle_coin:
            cash, signed = 0, book.less_fee(signed, fill)
        if qty:  # else it is a payment alone
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
            book.follow(signed, order)
        self.wallet = Money(self.wallet + cash)
        self._moves.note(Move(fill.symbol, fill.time_ms, signed, cash))
        return forgotten

    def keep_unbooked(self, fill: Fill) -> str:
        """Remember an execution of a kind that is not known, and let it move nothing; comes back like `book`."""
        return self._executions.add(fill)

    def executed_qty(self, order_id: str) -> int:
        """What was booked of an order of the venue's own, by its id."""
        return self._executions.executed_qty(order_id)

    # -- revisions ----------------------------------------------------------------------------------------------

    def _mark(self, book: _Book) -> None:
        if not book.is_news:
            book.is_news = True
            self._news.append(book)

    def tell(self, symbol: str) -> None:
        """The next revision tells of this symbol, whether it has changed or not."""
        self._mark(self._books[symbol])

    def revise(self) -> tuple[LedgerChanged, ...]:
        """What has changed since the last revision, one message a symbol; empty when nothing has."""
        if not self._news:
            return ()
        self._revision += 1
        revised = tuple(self._told(book) for book in self._news)
        for book in self._news:
            book.is_news = False
            book.orders = {}
            book.fills = []
        self._news.clear()
        return revised

    def as_it_is(self, symbol: str) -> LedgerChanged:
        """A symbol as the newest revision left it."""
        return self._told(self._books[symbol])

    def _told(self, book: _Book) -> LedgerChanged:
        protected = book.protected
        return LedgerChanged(
            self._revision,
            book.instrument.symbol,
            self.wallet,
            book.position,
            tuple(book.in_flight.values()),
            tuple(book.orders.values()),
            tuple(book.fills),
            None if protected is None else replace(protected),
            book.last_fill_ms,
            book.quarantine,
        )

    # -- what a restart and a reconciliation need ---------------------------------------------------------------

    def checkpoint(self, symbol: str) -> Booked:
        """All that a restart has to know of a symbol's executions so far, and the wallet."""
        book = self._books[symbol]
        protected = None if book.protected is None else replace(book.protected)
        return Booked(
            symbol,
            self.wallet,
            book.position,
            book.last_fill_ms,
            book.complete_ms,
            protected,
            book.quarantine,
            book.begins_ms,
            Money(book.base_rest),
        )

    def recall_order(self, order: Order) -> None:
        """An order of before a restart."""
        known = self.orders.recall_order(order)
        if not known.status.has_ended:
            self._fly(known, self._books[known.request.symbol])

    def recall(self, booked: Booked) -> None:
        """Where a symbol had come to before a restart; the orders have been recalled already."""
        book = self._books.get(booked.symbol)
        if book is None:
            return  # it is not traded any more
        book.position, book.last_fill_ms, book.complete_ms = booked.position, booked.last_fill_ms, booked.complete_ms
        book.quarantine, book.begins_ms = booked.quarantine, booked.begins_ms
        book.base_rest = booked.base_rest
        entry = booked.protected
        book.protected = entry and (self.orders.find(entry.request.link_id) or replace(entry))
        self.wallet, self.is_synced = booked.wallet, True

    def recall_execution(self, fill: Fill) -> None:
        """An execution that was booked before a restart, and that the checkpoint covers."""
        self._executions.add(fill)
        self._moves.note(Move(fill.symbol, fill.time_ms, fill.side * fill.traded_qty, 0))

    def view(self, symbol: str) -> LocalView:
        """What a reconciliation of the symbol begins with."""
        book = self._books[symbol]
        orders = tuple(
            LocalOrder(order.request.link_id, order.status, order.filled_qty)
            for order in self.orders.open.values()
            if order.request.symbol == symbol
        )
        return LocalView(symbol, orders, book.complete_ms)

    def reconcile(self, stated: Reconciled) -> str:
        """Compare with what the venue states, all executions up to then being booked; empty, or the drift in words.

        Position and wallet may have been stated before executions that are booked by now: a difference that the newest
        executions explain is none. The wallet moves by more than executions (transfers, interest), so there the venue
        is right; a position moves by executions alone, and one that they do not explain is never taken over here.
        """
        report = stated.position
        if report.position_idx:
            return hedged(report.symbol, report.position_idx)
        book = self._books[report.symbol]
        if book.complete_ms is None:
            if any(move.symbol == report.symbol for move in self._moves.unseen_at(report.time_ms)):
                return f"{report.symbol} trades while its position is read for the first time"
            book.position, book.begins_ms = report.position, report.time_ms
            self._mark(book)
        book.complete_ms = max(book.complete_ms or 0, stated.complete_ms)
        self._compare_wallet(stated, book)
        if self._explains_position(book, report):
            return ""
        instrument = book.instrument
        venue, ours = instrument.qty_text(report.position.qty), instrument.qty_text(book.position.qty)
        return f"the venue holds {venue} {report.symbol}, the executions come to {ours}"

    def average_drift(self, report: PositionReport) -> str:
        """Why the venue's average price cannot come of our executions; empty, if it can or cannot be compared now.

        A tick is allowed for the venue's rounding. With an execution as new as the statement the two may be of
        different moments. Our exact cost stays in any case.
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

    def _compare_wallet(self, stated: Reconciled, book: _Book) -> None:
        """The wallet is of all symbols: it is compared once the executions of each have been listed after it."""
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

    def _explains_position(self, book: _Book, report: PositionReport) -> bool:
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
        """Block or free (`why` empty) the entries of a symbol."""
        book = self._books[symbol]
        if book.quarantine != why:
            book.quarantine = why
            self._mark(book)

    def adopt(self, position: Position, symbol: str) -> None:
        """Take over the venue's position, by an operator's command; the quarantine ends."""
        book = self._books[symbol]
        book.position, book.quarantine = position, ""
        if position.qty == 0:
            book.protected = None
        self._mark(book)
