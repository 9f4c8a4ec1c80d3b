"""Words of the wire and words of the model, as tables read in both directions."""

from actors.bybit.wire.values import (
    WireOrderStatus,
    WireOrderType,
    WireSide,
    WireTimeInForce,
    WireTriggerBy,
    WireTriggerDirection,
)
from actors.model.order import OrderType, PriceKind, Side, TimeInForce, TriggerDirection, VenueStatus
from actors.model.origins import StopOrderType

__all__ = [
    "ORDER_TYPES",
    "PART_LEVELS",
    "POSITION_LEVELS",
    "SIDES",
    "STATUSES",
    "TIMES_IN_FORCE",
    "TRIGGER_DIRECTIONS",
    "TRIGGER_PRICES",
    "WIRE_ORDER_TYPES",
    "WIRE_SIDES",
    "WIRE_STATUSES",
    "WIRE_TIMES_IN_FORCE",
    "WIRE_TRIGGER_DIRECTIONS",
    "WIRE_TRIGGER_PRICES",
]

SIDES = {WireSide.BUY: Side.BUY, WireSide.SELL: Side.SELL}
ORDER_TYPES = {WireOrderType.MARKET: OrderType.MARKET, WireOrderType.LIMIT: OrderType.LIMIT}
TIMES_IN_FORCE = {
    WireTimeInForce.GTC: TimeInForce.GTC,
    WireTimeInForce.IOC: TimeInForce.IOC,
    WireTimeInForce.FOK: TimeInForce.FOK,
    WireTimeInForce.POST_ONLY: TimeInForce.POST_ONLY,
}
TRIGGER_PRICES = {
    WireTriggerBy.LAST: PriceKind.LAST,
    WireTriggerBy.MARK: PriceKind.MARK,
    WireTriggerBy.INDEX: PriceKind.INDEX,
}
TRIGGER_DIRECTIONS = {
    WireTriggerDirection.RISE: TriggerDirection.RISE,
    WireTriggerDirection.FALL: TriggerDirection.FALL,
}
STATUSES = {
    WireOrderStatus.CREATED: VenueStatus.NEW,  # old data alone
    WireOrderStatus.NEW: VenueStatus.NEW,
    WireOrderStatus.PARTIALLY_FILLED: VenueStatus.PARTIALLY_FILLED,
    WireOrderStatus.UNTRIGGERED: VenueStatus.UNTRIGGERED,
    WireOrderStatus.REJECTED: VenueStatus.REJECTED,
    WireOrderStatus.PARTIALLY_FILLED_CANCELED: VenueStatus.PARTIALLY_FILLED_CANCELED,
    WireOrderStatus.FILLED: VenueStatus.FILLED,
    WireOrderStatus.CANCELLED: VenueStatus.CANCELLED,
    WireOrderStatus.TRIGGERED: VenueStatus.TRIGGERED,
    WireOrderStatus.DEACTIVATED: VenueStatus.DEACTIVATED,
}

WIRE_SIDES = {model: wire for wire, model in SIDES.items()}
WIRE_ORDER_TYPES = {model: wire for wire, model in ORDER_TYPES.items()}
WIRE_TIMES_IN_FORCE = {model: wire for wire, model in TIMES_IN_FORCE.items()}
WIRE_TRIGGER_PRICES = {model: wire for wire, model in TRIGGER_PRICES.items()}
WIRE_TRIGGER_DIRECTIONS = {model: wire for wire, model in TRIGGER_DIRECTIONS.items()}
WIRE_STATUSES = {model: wire for wire, model in STATUSES.items()}  # of NEW the later row holds: New

POSITION_LEVELS = (StopOrderType.STOP_LOSS, StopOrderType.TAKE_PROFIT, StopOrderType.TRAILING_STOP)
"""Levels of the whole position: the venue's own orders, told with the position."""

PART_LEVELS = (StopOrderType.PARTIAL_STOP_LOSS, StopOrderType.PARTIAL_TAKE_PROFIT)
"""Levels of a part of the position."""
