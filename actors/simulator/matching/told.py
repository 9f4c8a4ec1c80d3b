"""How the venue tells why an order or an execution exists, in Bybit's three fields."""

from typing import NamedTuple

from actors.model.origins import CreateType, ExecType, Origin, StopOrderType

__all__ = ["PARTIAL", "TOLD", "USER_STOP", "Told"]


class Told(NamedTuple):
    """Of an order the first two, of its executions all three."""

    create_type: CreateType
    stop_order_type: StopOrderType
    exec_type: ExecType


TOLD = {
    Origin.USER: Told(CreateType.BY_USER, StopOrderType.NONE, ExecType.TRADE),
    Origin.STOP_LOSS: Told(CreateType.BY_STOP_LOSS, StopOrderType.STOP_LOSS, ExecType.TRADE),
    Origin.TAKE_PROFIT: Told(CreateType.BY_TAKE_PROFIT, StopOrderType.TAKE_PROFIT, ExecType.TRADE),
    Origin.TRAILING_STOP: Told(CreateType.BY_TRAILING_STOP, StopOrderType.TRAILING_STOP, ExecType.TRADE),
    Origin.LIQUIDATION: Told(CreateType.BY_TAKE_OVER, StopOrderType.NONE, ExecType.BUST_TRADE),
    Origin.FUNDING: Told(CreateType.NONE, StopOrderType.NONE, ExecType.FUNDING),
    Origin.DELIVERY: Told(CreateType.BY_SETTLE, StopOrderType.NONE, ExecType.DELIVERY),
}
USER_STOP = Told(CreateType.BY_USER, StopOrderType.STOP, ExecType.TRADE)  # a conditional order of the user's
PARTIAL = {  # of a part of the position
    Origin.STOP_LOSS: Told(CreateType.BY_PARTIAL_STOP_LOSS, StopOrderType.PARTIAL_STOP_LOSS, ExecType.TRADE),
    Origin.TAKE_PROFIT: Told(CreateType.BY_PARTIAL_TAKE_PROFIT, StopOrderType.PARTIAL_TAKE_PROFIT, ExecType.TRADE),
}
