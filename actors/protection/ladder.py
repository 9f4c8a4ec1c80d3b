"""The targets of an entry: resting reduce-only limit orders, each for its share of what the entry filled.

They are asked for once the entry's order has ended, and again after a restart: `orders` knows them by their ids, so
asking twice places nothing twice. The venue cancels them when the position closes.
"""

from collections.abc import Iterator

from actors.model.fixed import Qty
from actors.model.instrument import Instrument
from actors.model.levels import take_profit_price
from actors.model.order import LocalStatus, Order
from actors.orders.messages import PlaceTarget

__all__ = ["has_filled", "targets_of"]


def targets_of(entry: Order, instrument: Instrument) -> Iterator[PlaceTarget]:
    """The target orders of an ended entry. A share below the minimum quantity is added to the next target's."""
    exits, price = entry.exits, entry.last_price
    if exits is None or price is None or not entry.status.has_ended:
        return
    total, side = entry.filled_qty, entry.request.side
    share, placed = 0, 0
    top, bottom = 0, 1
    for number, target in enumerate(exits.targets, 1):
        more, whole = target.fraction.as_integer_ratio()
        top, bottom = top * whole + more * bottom, bottom * whole
        share = total * top // (bottom * instrument.step) * instrument.step
        if share - placed >= max(1, instrument.min_qty):
            level = take_profit_price(instrument, side, price, target.level)
            if level > 0:
                yield PlaceTarget(entry.request.link_id, number, Qty(share - placed), level)
                placed = share


def has_filled(entry: Order, number: int, changed: tuple[Order, ...]) -> bool:
    """Whether `changed` shows that target `number` of the entry has filled."""
    decision = (entry.card_id, entry.block_id, entry.bar_close_ms, number)
    return any(
        (order.card_id, order.block_id, order.bar_close_ms, order.leg) == decision
        and order.status is LocalStatus.FILLED
        for order in changed
    )
