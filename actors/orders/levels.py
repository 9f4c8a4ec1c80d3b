"""What an entry's record says of its exits: where its levels were moved to, and what stands while it rests."""

from msgspec.structs import replace

from actors.model.exits import ExitTerms, TrailTerms
from actors.model.instrument import Instrument
from actors.model.levels import stop_of
from actors.model.order import Order
from actors.model.resting import RestingOrder
from actors.orders.messages import MoveLevels

__all__ = ["entry_of", "moved_by"]


def moved_by(entry: Order, message: MoveLevels, instrument: Instrument) -> bool:
    """Note in a filled entry where its levels are moved to, or its new trailing stop; False if nothing changes.

    With `only_tighten` a stop loss further away than the one that stands changes nothing.
    """
    if message.stop_loss is not None and message.only_tighten:
        now = stop_of(entry, instrument)
        if now is not None and (message.stop_loss - now) * entry.request.side <= 0:
            return False
    exits, trail = entry.exits, message.trail
    if trail is not None:
        exits = exits or ExitTerms()
        if not _trails_so_already(exits, trail):
            exits = replace(exits, trail=trail.distance, trail_from=trail.starts, trail_along=trail.along)
    moved = (message.stop_loss or entry.stop_at, message.take_profit or entry.target_at, exits)
    if moved == (entry.stop_at, entry.target_at, entry.exits):
        return False
    entry.stop_at, entry.target_at, entry.exits = moved
    return True


def _trails_so_already(exits: ExitTerms, trail: TrailTerms) -> bool:
    """Whether it says nothing new: an activation does not stop what follows at this distance already."""
    is_same = (exits.trail, exits.trail_along) == (trail.distance, trail.along)
    return is_same and exits.trail_from in (None, trail.starts)


def entry_of(order: Order) -> RestingOrder | None:
    """What stands at the venue of an entry that can rest, None for another order."""
    request = order.request
    price = request.price if request.trigger_price is None else request.trigger_price
    if not order.is_entry or price is None:
        return None
    return RestingOrder(
        terms=order.terms,
        side=int(request.side),
        is_stop=request.trigger_price is not None,
        price=price,
        qty=request.qty,
        rung=order.rung,
        stop_loss=order.stop_loss,
        take_profit=order.take_profit,
    )
