"""What must hold of an account of the exchange after every request, whatever clients do."""

from collections import defaultdict

from actors.bybit.server.trading.account import TradingAccount
from actors.model.order import Category, Side
from actors.model.origins import PAYS_ONLY
from actors.simulator.matching.pending import PendingOrder
from actors.simulator.matching.registry import OrderRegistry

__all__ = ["check_account"]


def check_account(account: TradingAccount, start_cash: int, now_ms: int) -> None:
    """AssertionError names what does not hold. `start_cash` in Money."""
    _check_cash(account, start_cash)
    _check_positions(account)
    _check_orders(account)
    _check_coins(account)
    _check_margin(account, now_ms)


def _check_cash(account: TradingAccount, start_cash: int) -> None:
    moved = sum(record.cash_change for record in account.executions)
    assert start_cash + moved == account.cash, "cash is the start and what executions moved"
    balance = account.linear.venue.wallet.balance
    assert balance + account.locked_cash == account.cash, "the matching's wallet and the locks are the cash"
    if account.executions:
        assert account.executions[-1].cash_after >= 0 or account.positions, "spot alone never owes"


def _check_positions(account: TradingAccount) -> None:
    held: dict[str, int] = defaultdict(int)
    for record in account.executions:
        if record.listing.category is Category.LINEAR and record.fill.exec_type not in PAYS_ONLY:
            held[record.listing.symbol] += record.fill.side * record.fill.qty
    for symbol, position in account.positions.items():
        assert position.qty == held[symbol], "a position is the sum of its executions"
        assert position == account.linear.market(symbol).account.position, "the matching holds the same position"


def _check_orders(account: TradingAccount) -> None:
    filled: dict[str, int] = defaultdict(int)
    for execution in account.executions:
        if execution.fill.exec_type not in PAYS_ONLY:
            filled[execution.order_id] += execution.fill.qty
    for order_id, record in account.orders.items():
        assert record.order_id == order_id
        assert record.filled_qty == filled[order_id], "cumExecQty is the sum of the order's executions"
        assert 0 <= record.filled_qty <= record.qty
        assert (order_id in account.open) is not record.has_ended, "open is what has not ended"
    assert len({record.exec_id for record in account.executions}) == len(account.executions)
    for books in filter(None, (account.linear, account.spot)):
        known = {order.order_id for symbol in books.listings for order in _standing(books.market(symbol).registry)}
        shown = {
            key[2] for key, record in account.by_number.items() if key[0] is books.category and not record.has_ended
        }
        assert known == shown, "what stands in the matching is what clients are shown"


def _standing(registry: OrderRegistry) -> list[PendingOrder]:
    return [*registry.open.values(), *registry.protection.values(), *registry.partial.values()]


def _check_coins(account: TradingAccount) -> None:
    for symbol, holding in account.holdings.items():
        instrument = holding.listing.instrument
        assert 0 <= holding.locked_base <= holding.base, "coins are never negative, and locks lie in them"
        open_orders = [
            each for each in account.open.values() if each.category is Category.SPOT and each.symbol == symbol
        ]
        sold = sum(each.leaves_qty for each in open_orders if each.request.side is Side.SELL)
        assert holding.locked_base == sold * instrument.rate_one, "sells lock the coins that they may sell"
        bought = [each for each in open_orders if each.request.side is Side.BUY]
        if all(each.request.price for each in bought):
            spent = sum(instrument.value(each.request.price or 0, each.leaves_qty) for each in bought)
            assert holding.locked_cash == spent, "buys lock the cash that they may spend"
        assert holding.locked_cash >= 0


def _check_margin(account: TradingAccount, now_ms: int) -> None:
    report = account.linear.venue.equity_report(now_ms)
    markets = account.linear.venue.markets.values()
    maintenance = sum(market.account.maintenance(market.mark_price()) for market in markets)
    assert report.equity > maintenance or not maintenance, "equity below the maintenance margin is liquidated"
    assert account.cash >= account.locked_cash or any(position.qty for position in account.positions.values())
