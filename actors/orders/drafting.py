"""An approved order as a record and a request; and which kinds of order can rest."""

from msgspec.structs import replace

from actors.model.fixed import Price
from actors.model.instrument import Instrument
from actors.model.levels import stop_loss_price, take_profit_price
from actors.model.order import LocalStatus, Order, OrderRequest, OrderType, ProtectionTerms, Side
from actors.orders.messages import ApprovedOrder, PlaceTarget, Requote

__all__ = ["draft", "draft_target", "is_as", "requoted", "rests"]


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
        time_in_force=message.time_in_force,
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
        terms=message.terms,
        rung=message.rung,
    )


def draft_target(entry: Order, message: PlaceTarget, link_id: str) -> Order:
    """Our record of a target of `entry`: a reduce-only limit order on the other side."""
    was = entry.request
    side = Side.SELL if was.side > 0 else Side.BUY
    request = OrderRequest(link_id, was.symbol, side, OrderType.LIMIT, message.qty, message.price, reduce_only=True)
    return Order(request, entry.card_id, entry.block_id, LocalStatus.JOURNALED, entry.bar_close_ms, leg=message.leg)


def requoted(order: Order, message: Requote, instrument: Instrument) -> ApprovedOrder:
    """A resting entry at another price, and of another quantity where the message has one: its levels are measured from
    there, or from the close if that is better. The limit of a stop limit moves as far as its trigger.
    """
    was, price = order.request, message.price
    is_stop = was.trigger_price is not None
    side = was.side
    better = price if is_stop else Price(min(price, message.close) if side > 0 else max(price, message.close))
    protection = None
    if was.protection is not None:
        stop, target = order.stop_loss, order.take_profit
        protection = ProtectionTerms(
            None if stop is None else stop_loss_price(instrument, side, better, stop),
            None if target is None else take_profit_price(instrument, side, price, target),
        )
    limit = None if is_stop else price
    if was.trigger_price is not None and was.price is not None:
        limit = Price(was.price + price - was.trigger_price)
    terms = order.terms
    if terms is not None and message.follows is not None:
        terms = replace(terms, price=message.follows)
    return ApprovedOrder(
        card_id=order.card_id,
        block_id=order.block_id,
        block_index=message.block_index,
        bar_close_ms=message.bar_close_ms,
        symbol=was.symbol,
        side=side,
        type=was.type,
        qty=was.qty if message.qty is None else message.qty,
        price=limit,
        trigger_price=price if is_stop else None,
        trigger_direction=was.trigger_direction,
        reduce_only=False,
        is_entry=True,
        stop_loss=order.stop_loss,
        take_profit=order.take_profit,
        protection=protection,
        terms=terms,
        rung=order.rung,
    )


def is_as(request: OrderRequest, message: ApprovedOrder) -> bool:
    """Whether an order stands at these prices with this quantity already."""
    terms = (message.price, message.trigger_price, message.qty)
    return (request.price, request.trigger_price, request.qty) == terms


def rests(order: OrderRequest | ApprovedOrder) -> bool:
    """Whether an order of this kind can wait at the venue: a limit order, or one with a trigger."""
    return order.type is not OrderType.MARKET or order.trigger_price is not None
