"""What an entry's record says of its exits: where its levels were moved to, and what is watched while it rests."""

from actors.model.instrument import Instrument
from actors.model.levels import stop_of
from actors.model.order import Order
from actors.model.resting import RestingOrder
from actors.orders.messages import MoveLevels

__all__ = ["moved_by", "watched_of"]


def moved_by(entry: Order, message: MoveLevels, instrument: Instrument) -> bool:
    """Note in a filled entry where its levels are moved to; False if nothing changes.

    With `only_tighten` a stop loss further away than the one that stands changes nothing.
    """
    if message.stop_loss is not None and message.only_tighten:
        now = stop_of(entry, instrument)
        if now is not None and (message.stop_loss - now) * entry.request.side <= 0:
            return False
    moved = (message.stop_loss or entry.stop_at, message.take_profit or entry.target_at)
    if moved == (entry.stop_at, entry.target_at):
        return False
    entry.stop_at, entry.target_at = moved
    return True


def watched_of(order: Order) -> RestingOrder | None:
    """What is watched of an entry that may rest, None for another order."""
    request, terms = order.request, order.terms
    price = request.price if request.trigger_price is None else request.trigger_price
    if terms is None or price is None:
        return None
    return RestingOrder(terms, int(request.side), request.trigger_price is not None, price, order.rung)
