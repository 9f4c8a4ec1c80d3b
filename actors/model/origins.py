"""Why an order or an execution exists: Bybit's three fields, and the one word that we make of them.

`createType` says who created an order, `stopOrderType` what kind of conditional order it is, `execType` what kind of
execution this is. They overlap, and none of them tells everything: `origin_of` is the only place that combines them.
A value that the model does not know is read as UNKNOWN, with its text kept, and its reader must say so.
"""

from enum import StrEnum
from typing import TypeVar

__all__ = [
    "MOVES_POSITION",
    "PAYS_ONLY",
    "CreateType",
    "ExecType",
    "Origin",
    "StopOrderType",
    "origin_of",
    "read_member",
]


class ExecType(StrEnum):
    """What kind of execution (Bybit's execType)."""

    TRADE = "Trade"
    ADL_TRADE = "AdlTrade"
    FUNDING = "Funding"
    BUST_TRADE = "BustTrade"
    DELIVERY = "Delivery"
    SETTLE = "Settle"
    BLOCK_TRADE = "BlockTrade"
    MOVE_POSITION = "MovePosition"
    FUTURE_SPREAD = "FutureSpread"
    CORPORATE_ACTION = "CorporateAction"
    SESSION_SETTLE_PNL = "SessionSettlePnL"
    UNKNOWN = "UNKNOWN"


class CreateType(StrEnum):
    """Who created an order (Bybit's createType); spot orders have none."""

    NONE = ""
    BY_USER = "CreateByUser"
    BY_CLOSING = "CreateByClosing"
    BY_ADMIN_CLOSING = "CreateByAdminClosing"
    BY_SETTLE = "CreateBySettle"
    BY_STOP_ORDER = "CreateByStopOrder"
    BY_TAKE_PROFIT = "CreateByTakeProfit"
    BY_PARTIAL_TAKE_PROFIT = "CreateByPartialTakeProfit"
    BY_STOP_LOSS = "CreateByStopLoss"
    BY_PARTIAL_STOP_LOSS = "CreateByPartialStopLoss"
    BY_TRAILING_STOP = "CreateByTrailingStop"
    BY_TRAILING_PROFIT = "CreateByTrailingProfit"
    BY_LIQ = "CreateByLiq"
    BY_TAKE_OVER = "CreateByTakeOver_PassThrough"
    BY_ADL = "CreateByAdl_PassThrough"
    BY_BLOCK_TRADE = "CreateByBlock_PassThrough"
    BY_MOVE_POSITION = "CreateByBlockTradeMovePosition_PassThrough"
    BY_FUTURE_SPREAD = "CreateByFutureSpread"
    UNKNOWN = "UNKNOWN"


class StopOrderType(StrEnum):
    """What kind of conditional order (Bybit's stopOrderType); NONE for an ordinary one."""

    NONE = ""
    TAKE_PROFIT = "TakeProfit"
    STOP_LOSS = "StopLoss"
    TRAILING_STOP = "TrailingStop"
    STOP = "Stop"
    PARTIAL_TAKE_PROFIT = "PartialTakeProfit"
    PARTIAL_STOP_LOSS = "PartialStopLoss"
    TPSL_ORDER = "tpslOrder"
    OCO_ORDER = "OcoOrder"
    MM_RATE_CLOSE = "MmRateClose"
    BIDIRECTIONAL_TPSL_ORDER = "BidirectionalTpslOrder"
    UNKNOWN = "UNKNOWN"


class Origin(StrEnum):
    """Our one word for the three fields, as results and reports show it."""

    USER = "user"
    STOP_LOSS = "stop_loss"
    TAKE_PROFIT = "take_profit"
    TRAILING_STOP = "trailing_stop"
    LIQUIDATION = "liquidation"
    FUNDING = "funding"  # a payment on a held position; nothing is traded
    DELIVERY = "delivery"  # the instrument has ended: the position is settled
    ADL = "adl"  # auto-deleveraging: the position closed another account's liquidation
    OTHER = "other"  # done by the venue for another reason, or for one that the model does not know


MOVES_POSITION = frozenset(
    (
        ExecType.TRADE,
        ExecType.ADL_TRADE,
        ExecType.BUST_TRADE,
        ExecType.DELIVERY,
        ExecType.SETTLE,
        ExecType.BLOCK_TRADE,
        ExecType.MOVE_POSITION,
        ExecType.FUTURE_SPREAD,
    )
)
PAYS_ONLY = frozenset((ExecType.FUNDING, ExecType.SESSION_SETTLE_PNL))  # their quantity is the whole position

_BY_EXEC_TYPE = {
    ExecType.ADL_TRADE: Origin.ADL,
    ExecType.FUNDING: Origin.FUNDING,
    ExecType.SESSION_SETTLE_PNL: Origin.FUNDING,
    ExecType.BUST_TRADE: Origin.LIQUIDATION,
    ExecType.DELIVERY: Origin.DELIVERY,
    ExecType.SETTLE: Origin.DELIVERY,
    ExecType.CORPORATE_ACTION: Origin.OTHER,
    ExecType.UNKNOWN: Origin.OTHER,
}
_BY_CREATE_TYPE = {
    CreateType.BY_LIQ: Origin.LIQUIDATION,
    CreateType.BY_TAKE_OVER: Origin.LIQUIDATION,
    CreateType.BY_ADL: Origin.ADL,
    CreateType.BY_SETTLE: Origin.DELIVERY,
    CreateType.BY_ADMIN_CLOSING: Origin.OTHER,
    CreateType.BY_STOP_LOSS: Origin.STOP_LOSS,
    CreateType.BY_PARTIAL_STOP_LOSS: Origin.STOP_LOSS,
    CreateType.BY_TAKE_PROFIT: Origin.TAKE_PROFIT,
    CreateType.BY_PARTIAL_TAKE_PROFIT: Origin.TAKE_PROFIT,
    CreateType.BY_TRAILING_STOP: Origin.TRAILING_STOP,
    CreateType.BY_TRAILING_PROFIT: Origin.TRAILING_STOP,
    CreateType.UNKNOWN: Origin.OTHER,
}
_BY_STOP_ORDER_TYPE = {
    StopOrderType.STOP_LOSS: Origin.STOP_LOSS,
    StopOrderType.PARTIAL_STOP_LOSS: Origin.STOP_LOSS,
    StopOrderType.TAKE_PROFIT: Origin.TAKE_PROFIT,
    StopOrderType.PARTIAL_TAKE_PROFIT: Origin.TAKE_PROFIT,
    StopOrderType.TRAILING_STOP: Origin.TRAILING_STOP,
    StopOrderType.MM_RATE_CLOSE: Origin.OTHER,
    StopOrderType.UNKNOWN: Origin.OTHER,
}

_USER, _TRADE, _BY_USER, _NONE = Origin.USER, ExecType.TRADE, CreateType.BY_USER, StopOrderType.NONE
_NO_VALUE = ("", "UNKNOWN")  # how the venue writes "no stop order type"
Member = TypeVar("Member", ExecType, CreateType, StopOrderType)


def origin_of(exec_type: ExecType, create_type: CreateType, stop_order_type: StopOrderType) -> Origin:
    """One word for the three: the kind of execution decides first, then a known level, then who created the order.

    A level comes before its creator, because the venue names the level in either field; what neither explains is the
    user's own.
    """
    if exec_type is _TRADE and create_type is _BY_USER and stop_order_type is _NONE:
        return _USER
    return (
        _BY_EXEC_TYPE.get(exec_type)
        or _BY_STOP_ORDER_TYPE.get(stop_order_type)
        or _BY_CREATE_TYPE.get(create_type)
        or _USER
    )


def read_member(kind: type[Member], text: str) -> tuple[Member, str]:
    """The member that the venue's text names, and "" for its second part; a text that is not known is UNKNOWN.

    The second part is then the field and the text (`ExecType=Foo`), for the `unknown` of the message.
    """
    if kind is StopOrderType and text in _NO_VALUE:
        return kind(""), ""
    try:
        member = kind(text)
    except ValueError:
        return kind.UNKNOWN, f"{kind.__name__}={text}"
    return member, f"{kind.__name__}={text}" if member is kind.UNKNOWN else ""
