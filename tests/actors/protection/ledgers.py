"""Builders of the ledger's revisions that protection is sent."""

from decimal import Decimal

from actors.model.fixed import Money, Price, Qty
from actors.model.order import Fill, LocalStatus, Order, OrderRequest, OrderType, ProtectionTerms, Side
from actors.model.position import Position
from actors.orders.messages import LedgerChanged

__all__ = ["HELD", "a_fill_of", "a_position"]

HELD = Position(Qty(5), Money(50_000))


def a_position(position: Position, revision: int = 1, protected: Order | None = None) -> LedgerChanged:
    """The position as it is, and the entry whose levels it should have; nothing was filled."""
    return LedgerChanged(revision, "BTCUSDT", Money(1), position, (), protected=protected)


def a_fill_of(
    price: int,
    stop_loss: Decimal | None,
    take_profit: Decimal | None,
    side: Side = Side.BUY,
    attached: ProtectionTerms | None = None,
    revision: int = 1,
) -> LedgerChanged:
    """An entry has filled at a price, with the levels that it wants and those that came along with it."""
    request = OrderRequest("ours", "BTCUSDT", side, OrderType.MARKET, Qty(5), protection=attached)
    entry = Order(
        request, "card", "block", LocalStatus.FILLED, 60_000, "o1", Qty(5), Money(50_000), Price(price), True,
        stop_loss, take_profit,
    )  # fmt: skip
    fill = Fill(f"e{revision}", "o1", "ours", "BTCUSDT", side, Price(price), Qty(5), Money(1), False, 61_000)
    held = Position(Qty(side * 5), Money(side * 50_000))
    return LedgerChanged(revision, "BTCUSDT", Money(1), held, (), (entry,), (fill,), entry)
