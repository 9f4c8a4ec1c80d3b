"""What an order is when it begins, whether it may rest, and what its position should have."""

from actors.model.backend import PositionReport
from actors.model.fixed import Price
from actors.model.instrument import Instrument
from actors.model.order import LocalStatus, Order, OrderRequest, OrderType, ProtectionTerms
from actors.orders.messages import ApprovedOrder
from actors.protection.messages import ProtectEntry

__all__ = ["draft", "lacks_a_level", "protection_of", "rests"]


def draft(message: ApprovedOrder, link_id: str, status: LocalStatus) -> Order:
    """Our record of an approved order, with the request that will be sent."""
    request = OrderRequest(
        link_id,
        message.symbol,
        message.side,
        message.type,
        message.qty,
        message.price,
        message.trigger_price,
        message.trigger_direction,
        reduce_only=message.reduce_only,
        protection=message.protection,
    )
    return Order(
        request,
        message.card_id,
        message.block_id,
        status,
        message.bar_close_ms,
        is_entry=message.is_entry,
        stop_loss=message.stop_loss,
        take_profit=message.take_profit,
    )


def lacks_a_level(report: PositionReport, entry: Order) -> bool:
    """Whether the position is without a stop or target that its entry wants."""
    lacks_stop = entry.stop_loss is not None and report.stop is None
    return lacks_stop or (entry.take_profit is not None and report.target is None)


def protection_of(entry: Order, price: int, place: Instrument, attached: ProtectionTerms | None = None) -> ProtectEntry:
    """What protection has to see to after a fill of `entry` at `price`; `attached` came along with it."""
    return ProtectEntry(place.symbol, entry.request.side, Price(price), entry.stop_loss, entry.take_profit, attached)


def rests(order: OrderRequest | ApprovedOrder) -> bool:
    """Whether it may wait at the venue: a limit order, or one with a trigger."""
    return order.type is not OrderType.MARKET or order.trigger_price is not None
