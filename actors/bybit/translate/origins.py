"""Why an order or an execution exists: from the venue's three fields, execType, stopOrderType and createType."""

from actors.bybit.wire.values import WireExecType, WireStopOrderType
from actors.model.order import Origin

__all__ = ["PAYMENTS", "fields_of", "origin_from"]

PAYMENTS = (WireExecType.FUNDING, WireExecType.SESSION_SETTLE)
"""Executions that trade nothing: their quantity is the whole position."""

_BY_EXEC_TYPE = {
    WireExecType.FUNDING: Origin.FUNDING,
    WireExecType.SESSION_SETTLE: Origin.FUNDING,
    WireExecType.BUST: Origin.LIQUIDATION,
    WireExecType.ADL: Origin.LIQUIDATION,
    WireExecType.DELIVERY: Origin.DELIVERY,
    WireExecType.SETTLE: Origin.DELIVERY,
}
_BY_STOP_TYPE = {
    WireStopOrderType.STOP_LOSS: Origin.STOP_LOSS,
    WireStopOrderType.PARTIAL_STOP_LOSS: Origin.STOP_LOSS,
    WireStopOrderType.TAKE_PROFIT: Origin.TAKE_PROFIT,
    WireStopOrderType.PARTIAL_TAKE_PROFIT: Origin.TAKE_PROFIT,
    WireStopOrderType.TRAILING_STOP: Origin.TRAILING_STOP,
}
_BY_CREATE_TYPE = {
    "CreateByStopLoss": Origin.STOP_LOSS,
    "CreateByPartialStopLoss": Origin.STOP_LOSS,
    "CreateByTakeProfit": Origin.TAKE_PROFIT,
    "CreateByPartialTakeProfit": Origin.TAKE_PROFIT,
    "CreateByTrailingStop": Origin.TRAILING_STOP,
    "CreateByTrailingProfit": Origin.TRAILING_STOP,
    "CreateByLiq": Origin.LIQUIDATION,
    "CreateByTakeOver_PassThrough": Origin.LIQUIDATION,
    "CreateByAdl_PassThrough": Origin.LIQUIDATION,
    "CreateBySettle": Origin.DELIVERY,
}


def origin_from(
    create_type: str | None, stop_type: WireStopOrderType | None, exec_type: WireExecType | None = None
) -> Origin:
    """The kind of execution decides first, then the level, then who created the order; else it is the user's."""
    by_execution = _BY_EXEC_TYPE.get(exec_type) if exec_type else None
    by_level = _BY_STOP_TYPE.get(stop_type) if stop_type else None
    return by_execution or by_level or _BY_CREATE_TYPE.get(create_type or "", Origin.USER)


_FIELDS = {
    Origin.USER: ("CreateByUser", WireStopOrderType.UNKNOWN, WireExecType.TRADE),
    Origin.STOP_LOSS: ("CreateByStopLoss", WireStopOrderType.STOP_LOSS, WireExecType.TRADE),
    Origin.TAKE_PROFIT: ("CreateByTakeProfit", WireStopOrderType.TAKE_PROFIT, WireExecType.TRADE),
    Origin.TRAILING_STOP: ("CreateByTrailingStop", WireStopOrderType.TRAILING_STOP, WireExecType.TRADE),
    Origin.LIQUIDATION: ("CreateByTakeOver_PassThrough", WireStopOrderType.UNKNOWN, WireExecType.BUST),
    Origin.FUNDING: ("", WireStopOrderType.UNKNOWN, WireExecType.FUNDING),
    Origin.DELIVERY: ("CreateBySettle", WireStopOrderType.UNKNOWN, WireExecType.DELIVERY),
}


def fields_of(origin: Origin) -> tuple[str, WireStopOrderType, WireExecType]:
    """createType, stopOrderType and execType of what has this origin."""
    return _FIELDS[origin]
