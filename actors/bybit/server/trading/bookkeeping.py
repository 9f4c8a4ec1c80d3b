"""From what the matching did to what clients are told: order records, executions, coins.

The matching reports an order and a fill as the model has them. Here each becomes a record with Bybit's ids and words,
the coins of a spot trade change hands, and orders of the position itself (its stops and targets) appear and end.
"""

from collections.abc import Callable

import attrs

from actors.bybit.server.market.dice import mixed
from actors.bybit.server.market.listing import Listing
from actors.bybit.server.trading.account import MAX_RECORDS, Books, News, TradingAccount
from actors.bybit.server.trading.records import ExecutionRecord, OrderRecord
from actors.model.fixed import Money, Price, Qty
from actors.model.order import Category, Fill, OrderReport, OrderRequest, VenueStatus
from actors.model.origins import PAYS_ONLY, CreateType
from actors.model.position import apply_fill
from actors.simulator.matching.pending import PendingOrder
from actors.simulator.venue.reasons import EndReason

__all__ = ["Bookkeeper", "perform_next", "settle"]

_NO_ORDER = ""
_SPARE = 1_000  # so many are forgotten at a time


def settle(account: TradingAccount, now_ms: int) -> None:
    """Perform all that the market does up to `now_ms`, and tell it; of an account that is held, before `now_ms`."""
    keeper = Bookkeeper(account)
    until_ms = now_ms - 1 if account.is_held else now_ms
    while (due := _next_of(account)) is not None and due[0] <= until_ms:
        _perform(keeper, *due)


def perform_next(account: TradingAccount) -> bool:
    """Perform the next event alone, and tell it; whether it was the close of a bar. There must be one."""
    due = _next_of(account)
    assert due is not None, "there is no further event"
    return _perform(Bookkeeper(account), *due)


def _next_of(account: TradingAccount) -> tuple[int, Books] | None:
    """When the next event comes, and in which books."""
    due = [
        (time_ms, number, books)
        for number, books in enumerate((account.linear, account.spot))
        if books is not None and (time_ms := books.venue.next_time()) is not None
    ]
    if not due:
        return None
    time_ms, _, books = min(due, key=lambda one: one[:2])
    return time_ms, books


def _perform(keeper: "Bookkeeper", time_ms: int, books: Books) -> bool:
    closed = books.venue.advance()
    keeper.tell(books, time_ms)
    return closed is not None


@attrs.define
class Bookkeeper:
    """Of one account."""

    account: TradingAccount

    def tell(self, books: Books, now_ms: int, *, commanded: str = "") -> None:
        """Turn what has happened in `books` into news; `commanded` is a symbol whose position frame is due anyway."""
        events: list[OrderRecord | ExecutionRecord] = []
        symbols, coins = {commanded: None} if commanded else {}, dict[str, None]()
        taken = books.venue.take_events()
        for event in taken:
            if isinstance(event, OrderReport) and event.create_type is CreateType.BY_TAKE_OVER:
                self._take_over(books, books.listings[event.symbol], event)
        for event in taken:
            listing = books.listings[event.symbol]
            symbols[listing.symbol] = None
            if isinstance(event, Fill):
                events.append(self._execution(books, listing, event))
                coins.update(dict.fromkeys((listing.quote_coin, listing.base_coin)[: 1 + (books is self.account.spot)]))
            else:
                events.append(attrs.evolve(self._reported(books, listing, event)))
        if books.category is Category.LINEAR:
            for symbol in symbols:
                events += self._levels(books, books.listings[symbol], now_ms)
        self._forget(books)
        positions = tuple(symbols) if books.category is Category.LINEAR else ()
        if events or positions:
            self.account.listener(News(tuple(events), positions, tuple(coins)))

    def _forget(self, books: Books) -> None:
        """Keep the newest records alone: ended orders and executions beyond the bound go, the oldest first."""
        account = self.account
        if len(account.executions) > MAX_RECORDS + _SPARE:
            del account.executions[:_SPARE]
        if len(account.orders) <= MAX_RECORDS + _SPARE:
            return
        ended = [record for record in account.orders.values() if record.has_ended][:_SPARE]
        gone: dict[tuple[Category, str], list[str]] = {}
        for record in ended:
            del account.orders[record.order_id]
            account.by_link.pop((record.category, record.symbol, record.link_id), None)
            account.by_number.pop((record.category, record.symbol, record.matching_id), None)
            gone.setdefault((record.category, record.symbol), []).append(record.link_id)
        for (category, symbol), link_ids in gone.items():
            own = account.books(category)
            assert own is not None
            own.market(symbol).registry.forget(link_ids)
            own.market(symbol).engine.fills.clear()

    # -- orders -------------------------------------------------------------------------------------------------------

    def _reported(self, books: Books, listing: Listing, report: OrderReport) -> OrderRecord:
        record = self._record(books, listing, report)
        record.take(report)
        if report.reason:
            _explain(record, report.reason)
        if books.category is Category.SPOT:
            record.status = _spot_status(record, report.reason)
            holding = self.account.holdings[listing.symbol]
            if record.has_ended:
                self._unlocked(listing.symbol, lambda: holding.unlock(record.link_id))
        elif report.status is VenueStatus.DEACTIVATED:
            record.status = VenueStatus.CANCELLED  # so derivatives call a conditional order that ends untriggered
        if record.has_ended:
            self.account.open.pop(record.order_id, None)
        return record

    def _record(self, books: Books, listing: Listing, report: OrderReport) -> OrderRecord:
        account = self.account
        key = (books.category, listing.symbol, report.order_id)
        record = account.by_number.get(key) or account.by_link.get((books.category, listing.symbol, report.link_id))
        if record is None:
            raise AssertionError(f"a report of an order that was never recorded: {report}")
        account.by_number[key] = record
        record.matching_id = report.order_id
        return record

    def _take_over(self, books: Books, listing: Listing, report: OrderReport) -> None:
        """A record for the order of a liquidation, which the venue makes and fills at once."""
        account, number = self.account, self.account.next_number()
        request = OrderRequest("", listing.symbol, report.side, report.type, report.qty, reduce_only=True)
        record = OrderRecord(
            listing,
            number,
            account.wire_id(books.category, number),
            "",
            "",
            request,
            report.time_ms,
            report.time_ms,
            Price(account.last_price(listing, report.time_ms)),
            report.create_type,
            qty=report.qty,
        )
        account.orders[record.order_id] = account.open[record.order_id] = record
        account.by_number[books.category, listing.symbol, report.order_id] = record

    def _levels(self, books: Books, listing: Listing, now_ms: int) -> list[OrderRecord]:
        """The position's own orders that are new or have moved."""
        account, registry = self.account, books.market(listing.symbol).registry
        changed = []
        for order in (*registry.protection.values(), *registry.partial.values()):
            record = account.by_number.get((books.category, listing.symbol, order.order_id))
            if record is None:
                changed.append(attrs.evolve(self.open_level(books, listing, order, now_ms)))
            elif record.request != order.request:
                record.request, record.updated_ms = order.request, now_ms
                changed.append(attrs.evolve(record))
        return changed

    def open_level(self, books: Books, listing: Listing, order: PendingOrder, now_ms: int) -> OrderRecord:
        """A record for an order that the venue made itself."""
        account, report = self.account, order.report()
        number = account.next_number()
        record = OrderRecord(
            listing,
            number,
            account.wire_id(books.category, number),
            "",
            "",
            order.request,
            now_ms,
            now_ms,
            Price(account.last_price(listing, now_ms)),
            report.create_type,
            report.stop_order_type,
        )
        record.take(report)
        record.updated_ms, record.matching_id = now_ms, order.order_id
        account.orders[record.order_id] = account.open[record.order_id] = record
        account.by_number[books.category, listing.symbol, order.order_id] = record
        return record

    # -- executions ---------------------------------------------------------------------------------------------------

    def _execution(self, books: Books, listing: Listing, fill: Fill) -> ExecutionRecord:
        account = self.account
        account.seq += 1
        record = account.by_number.get((books.category, listing.symbol, fill.order_id))
        if record is None and fill.link_id:
            record = account.by_link.get((books.category, listing.symbol, fill.link_id))
        if record is None and fill.exec_type not in PAYS_ONLY:
            record = self._made_by_venue(books, listing, fill)
        closed, realised, fee, coin, change = (
            self._spot_money(listing, fill) if books.category is Category.SPOT else self._linear_money(listing, fill)
        )
        if record is not None:
            record.fees[coin] = record.fees.get(coin, 0) + fee
            record.closed_pnl = Money(record.closed_pnl + (realised - fee if closed else 0))
        is_filled = record.qty if record is not None else fill.qty
        left = 0 if record is None else record.qty - record.filled_qty - fill.qty
        words = mixed(account.plan.uid, account.seq), mixed(account.plan.uid, account.seq, 2)
        execution = ExecutionRecord(
            listing,
            fill,
            f"{words[0] >> 32:08x}-{words[0] >> 16 & 0xFFFF:04x}-5{words[0] & 0xFFF:03x}-b{words[1] >> 52:03x}-"
            f"{words[1] & (1 << 48) - 1:012x}",
            _NO_ORDER if record is None else record.order_id,
            "" if record is None else record.shown_link_id,
            None if record is None else record.request.type,
            fill.price if record is None else record.request.price or record.worst_price or fill.price,
            Qty(is_filled),
            Qty(max(0, left)),
            Qty(closed),
            Money(realised),
            coin,
            fee,
            Price(account.last_price(listing, fill.time_ms)),
            Money(change),
            account.cash,
            account.seq,
            "" if record is None else record.spot.market_unit,
        )
        account.executions.append(execution)
        return execution

    def _made_by_venue(self, books: Books, listing: Listing, fill: Fill) -> OrderRecord | None:
        """A trailing stop that acted as it was set: an order that no report came before."""
        registry = books.market(listing.symbol).registry
        for order in (*registry.protection.values(), *registry.partial.values()):
            if order.order_id == fill.order_id:
                return self.open_level(books, listing, order, fill.time_ms)
        return None

    def _linear_money(self, listing: Listing, fill: Fill) -> tuple[int, int, int, str, int]:
        account, symbol = self.account, listing.symbol
        if fill.exec_type in PAYS_ONLY:
            account.realised[symbol] -= fill.fee
            return 0, 0, fill.fee, listing.quote_coin, -fill.fee
        before = account.positions[symbol]
        signed = fill.side * fill.qty
        account.positions[symbol], realised = apply_fill(before, signed, listing.instrument.value(fill.price, fill.qty))
        closed = min(abs(before.qty), fill.qty) if before.qty * signed < 0 else 0
        account.realised[symbol] += realised - fill.fee
        account.position_changed_ms[symbol] = fill.time_ms
        return closed, realised, fill.fee, listing.quote_coin, realised - fill.fee

    def _spot_money(self, listing: Listing, fill: Fill) -> tuple[int, int, int, str, int]:
        account = self.account
        holding = account.holdings[listing.symbol]
        record = account.by_link[Category.SPOT, listing.symbol, fill.link_id]
        booked = holding.book(fill)
        left = record.qty - record.filled_qty - fill.qty
        price = record.request.price or fill.price
        self._unlocked(listing.symbol, lambda: holding.relock(record.link_id, fill.side, max(0, left), price))
        account.linear.venue.wallet.balance += booked.cash_change
        coin = listing.base_coin if booked.is_fee_in_base else listing.quote_coin
        return 0, 0, booked.fee, coin, booked.cash_change

    def _unlocked(self, symbol: str, change: Callable[[], None]) -> None:
        """Change what spot orders lock; the wallet of the matching is always less the locks."""
        account = self.account
        before = account.locked_cash
        change()
        account.linear.venue.wallet.balance += before - account.locked_cash


def _explain(record: OrderRecord, reason: str) -> None:
    """Bybit's two fields for the end of an order."""
    if reason.startswith("EC_"):
        record.reject_reason = reason
    elif reason == EndReason.BY_USER:
        record.cancel_type, record.reject_reason = reason, "EC_PerCancelRequest"
    elif reason.startswith("Cancel"):
        record.cancel_type = reason
    else:
        record.reject_reason = "EC_Others"


def _spot_status(record: OrderRecord, reason: str) -> VenueStatus:
    """Spot has words of its own for some ends."""
    if record.status is not VenueStatus.CANCELLED:
        return record.status
    if reason == EndReason.WOULD_TAKE:
        return VenueStatus.REJECTED
    if record.filled_qty:
        return VenueStatus.PARTIALLY_FILLED_CANCELED
    is_untriggered = record.is_conditional and reason == EndReason.BY_USER
    return VenueStatus.DEACTIVATED if is_untriggered else VenueStatus.CANCELLED
