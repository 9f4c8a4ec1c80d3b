"""An approved order as a record and a request; and which kinds of order can rest."""

from actors.model.order import LocalStatus, Order, OrderRequest, OrderType, Side
from actors.orders.messages import ApprovedOrder, PlaceTarget

__all__ = ["draft", "draft_target", "rests"]


def draft(message: ApprovedOrder, link_id: str, status: LocalStatus) -> Order:
    """Our record of an approved order, with the request that will be sent."""
    request = OrderRequest(
        link_id=link_id,
        symbol=message.symbol,
        side=message.side,
        type=message.type,
        qty=message.qty,
        price=message.price,
        trigger_price=message.trigger_price,
        trigger_direction=message.trigger_direction,
        reduce_only=message.reduce_only,
        protection=message.protection,
    )
    return Order(
        request=request,
        card_id=message.card_id,
        block_id=message.block_id,
        status=status,
        bar_close_ms=message.bar_close_ms,
        is_entry=message.is_entry,
        stop_loss=message.stop_loss,
        take_profit=message.take_profit,
        exits=message.exits,
    )


def draft_target(entry: Order, message: PlaceTarget, link_id: str) -> Order:
    """Our record of a target of `entry`: a reduce-only limit order on the other side."""
    was = entry.request
    side = Side.SELL if was.side > 0 else Side.BUY
    request = OrderRequest(link_id, was.symbol, side, OrderType.LIMIT, message.qty, message.price, reduce_only=True)
    return Order(request, entry.card_id, entry.block_id, LocalStatus.JOURNALED, entry.bar_close_ms, leg=message.leg)


def rests(order: OrderRequest | ApprovedOrder) -> bool:
    """Whether an order of this kind can wait at the venue: a limit order, or one with a trigger."""
    return order.type is not OrderType.MARKET or order.trigger_price is not None
