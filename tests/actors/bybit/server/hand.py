"""A client's hand on an account of the exchange, without a wire: what is done, and what is told of it."""

from collections.abc import Sequence
from typing import Any

from actors.bybit.server.trading.account import News, TradingAccount
from actors.bybit.server.trading.bookkeeping import settle
from actors.bybit.server.trading.commands import amend_order, cancel_order, create_order
from actors.bybit.server.trading.records import ExecutionRecord, OrderRecord
from actors.bybit.wire.orders import AmendItem, CancelItem, CreateItem
from actors.bybit.wire.values import WireOrderType, WireSide, WireTimeInForce
from actors.model.order import Category
from tests.actors.bybit.server.markets import START_MS, Row, an_exchange

BUY, SELL = WireSide.BUY, WireSide.SELL


class Hand:
    """`category` is where it trades; `now_ms` moves with `wait`."""

    def __init__(self, rows: Sequence[Row], category: Category = Category.LINEAR, **changes: Any) -> None:
        self.exchange = an_exchange(rows, **changes)
        self.account: TradingAccount = next(iter(self.exchange.accounts.values()))
        self.category = category
        self.now_ms = START_MS
        self.news: list[News] = []
        self.account.listener = self.news.append

    def wait(self, ms: int) -> None:
        self.now_ms += ms
        settle(self.account, self.now_ms)

    def create(self, side: WireSide, qty: str, price: str | None = None, **fields: Any) -> OrderRecord:
        kind = WireOrderType.MARKET if price is None else WireOrderType.LIMIT
        if isinstance(fields.get("tif"), str):
            fields["time_in_force"] = WireTimeInForce(fields.pop("tif"))
        item = CreateItem("BTCUSDT", side, fields.pop("order_type", kind), qty, price, **fields)
        return create_order(self.account, self.category, item, self.now_ms)

    def amend(self, record: OrderRecord, **fields: Any) -> OrderRecord:
        item = AmendItem("BTCUSDT", record.order_id, **fields)
        return amend_order(self.account, self.category, item, self.now_ms)

    def cancel(self, record: OrderRecord) -> OrderRecord:
        return cancel_order(self.account, self.category, CancelItem("BTCUSDT", record.order_id), self.now_ms)

    def told(self, record: OrderRecord) -> list[str]:
        """The statuses of an order, and Fill for each of its executions, in the order of their telling."""
        found = []
        for news in self.news:
            for event in news.events:
                if event.order_id == record.order_id:
                    found.append("Fill" if isinstance(event, ExecutionRecord) else str(event.status))
        return found
