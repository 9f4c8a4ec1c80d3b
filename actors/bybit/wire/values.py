"""Closed sets of values on the wire. "" and UNKNOWN are the venue's spellings of no value and members like any other.

Sets that the venue adds to without notice stay text in the shapes: cancelType, rejectReason, placeType, symbolType. So
do execType, stopOrderType and createType of what the venue states: the model reads them, with a word for unknown ones.
"""

from enum import IntEnum, StrEnum

__all__ = [
    "NO_VALUE",
    "SocketOp",
    "WireBboSide",
    "WireCategory",
    "WireExecType",
    "WireFrameType",
    "WireInstrumentStatus",
    "WireInterval",
    "WireMaintenanceState",
    "WireMarginMode",
    "WireMarketUnit",
    "WireOrderFilter",
    "WireOrderStatus",
    "WireOrderType",
    "WirePositionIdx",
    "WirePositionMode",
    "WirePositionStatus",
    "WireSide",
    "WireSlippageType",
    "WireSmpType",
    "WireStopOrderType",
    "WireTimeInForce",
    "WireTpslMode",
    "WireTriggerBy",
    "WireTriggerDirection",
]

NO_VALUE = ("", "UNKNOWN")


class WireCategory(StrEnum):
    """Product of a symbol: the same symbol text may stand in several."""

    LINEAR = "linear"
    SPOT = "spot"
    INVERSE = "inverse"
    OPTION = "option"


class WireSide(StrEnum):
    """Side of an order, an execution or a position; a flat position has none."""

    BUY = "Buy"
    SELL = "Sell"
    NONE = ""


class WireOrderType(StrEnum):
    """UNKNOWN stands in answers alone, of rows without an order: funding."""

    MARKET = "Market"
    LIMIT = "Limit"
    UNKNOWN = "UNKNOWN"


class WireTimeInForce(StrEnum):
    """A market order always becomes IOC; RPI is for approved makers."""

    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"
    POST_ONLY = "PostOnly"
    RPI = "RPI"
    NONE = ""


class WireTriggerBy(StrEnum):
    """The price that comes to a trigger."""

    LAST = "LastPrice"
    INDEX = "IndexPrice"
    MARK = "MarkPrice"
    UNKNOWN = "UNKNOWN"
    NONE = ""


class WireTriggerDirection(IntEnum):
    """0 is an order without a trigger."""

    NONE = 0
    RISE = 1
    FALL = 2


class WirePositionIdx(IntEnum):
    """Which position of a symbol: the one of one-way mode, or a side of hedge mode."""

    ONE_WAY = 0
    HEDGE_LONG = 1
    HEDGE_SHORT = 2


class WirePositionMode(IntEnum):
    """What switch-mode sets."""

    ONE_WAY = 0
    HEDGE = 3


class WirePositionStatus(StrEnum):
    """Liq and Adl: the venue is reducing it."""

    NORMAL = "Normal"
    LIQUIDATING = "Liq"
    DELEVERAGING = "Adl"
    NONE = ""


class WireOrderStatus(StrEnum):
    """Created stands in old data only."""

    CREATED = "Created"
    NEW = "New"
    PARTIALLY_FILLED = "PartiallyFilled"
    UNTRIGGERED = "Untriggered"
    REJECTED = "Rejected"
    PARTIALLY_FILLED_CANCELED = "PartiallyFilledCanceled"
    FILLED = "Filled"
    CANCELLED = "Cancelled"
    TRIGGERED = "Triggered"
    DEACTIVATED = "Deactivated"


class WireOrderFilter(StrEnum):
    """Kinds of orders; linear cancel-all knows OpenOrder, spot tpslOrder and the OCO kinds."""

    ORDER = "Order"
    STOP_ORDER = "StopOrder"
    OPEN_ORDER = "OpenOrder"
    TPSL_ORDER = "tpslOrder"
    OCO_ORDER = "OcoOrder"
    BIDIRECTIONAL = "BidirectionalTpslOrder"


class WireStopOrderType(StrEnum):
    """What kind of conditional order it is; none for an ordinary order."""

    TAKE_PROFIT = "TakeProfit"
    STOP_LOSS = "StopLoss"
    TRAILING_STOP = "TrailingStop"
    STOP = "Stop"
    PARTIAL_TAKE_PROFIT = "PartialTakeProfit"
    PARTIAL_STOP_LOSS = "PartialStopLoss"
    TPSL_ORDER = "tpslOrder"
    OCO_ORDER = "OcoOrder"
    MM_RATE_CLOSE = "MmRateClose"
    BIDIRECTIONAL = "BidirectionalTpslOrder"
    UNKNOWN = "UNKNOWN"
    NONE = ""


class WireTpslMode(StrEnum):
    """Full: of all the position, at market. Partial: of a quantity."""

    FULL = "Full"
    PARTIAL = "Partial"
    UNKNOWN = "UNKNOWN"
    NONE = ""


class WireSmpType(StrEnum):
    """Self-match prevention; the taker's setting decides."""

    NONE = "None"
    CANCEL_MAKER = "CancelMaker"
    CANCEL_TAKER = "CancelTaker"
    CANCEL_BOTH = "CancelBoth"
    EMPTY = ""


class WireSlippageType(StrEnum):
    """Unit of a market order's slippage tolerance."""

    TICK_SIZE = "TickSize"
    PERCENT = "Percent"
    UNKNOWN = "UNKNOWN"
    NONE = ""


class WireMarketUnit(StrEnum):
    """What the quantity of a spot market order counts."""

    BASE = "baseCoin"
    QUOTE = "quoteCoin"
    NONE = ""


class WireBboSide(StrEnum):
    """From which side of the book the venue takes the price."""

    QUEUE = "Queue"
    COUNTERPARTY = "Counterparty"


class WireExecType(StrEnum):
    """What an execution is; Funding and SessionSettlePnL change no quantity."""

    TRADE = "Trade"
    ADL = "AdlTrade"
    FUNDING = "Funding"
    BUST = "BustTrade"
    DELIVERY = "Delivery"
    SETTLE = "Settle"
    BLOCK = "BlockTrade"
    MOVE_POSITION = "MovePosition"
    FUTURE_SPREAD = "FutureSpread"
    CORPORATE_ACTION = "CorporateAction"
    SESSION_SETTLE = "SessionSettlePnL"
    UNKNOWN = "UNKNOWN"


class WireInstrumentStatus(StrEnum):
    """Only Trading takes new orders."""

    PRE_LAUNCH = "PreLaunch"
    TRADING = "Trading"
    DELIVERING = "Delivering"
    CLOSED = "Closed"


class WireMarginMode(StrEnum):
    """Account-wide; regular margin is cross margin."""

    ISOLATED = "ISOLATED_MARGIN"
    CROSS = "REGULAR_MARGIN"
    PORTFOLIO = "PORTFOLIO_MARGIN"


class WireInterval(StrEnum):
    """Length of a candle: minutes, or day, week, month."""

    MINUTE_1 = "1"
    MINUTE_3 = "3"
    MINUTE_5 = "5"
    MINUTE_15 = "15"
    MINUTE_30 = "30"
    HOUR_1 = "60"
    HOUR_2 = "120"
    HOUR_4 = "240"
    HOUR_6 = "360"
    HOUR_12 = "720"
    DAY = "D"
    WEEK = "W"
    MONTH = "M"


class WireTickDirection(StrEnum):
    """Which tick a trade made, on derivatives."""

    PLUS = "PlusTick"
    ZERO_PLUS = "ZeroPlusTick"
    MINUS = "MinusTick"
    ZERO_MINUS = "ZeroMinusTick"
    NONE = ""


class WireMaintenanceState(StrEnum):
    """State of an announced maintenance window."""

    SCHEDULED = "scheduled"
    ONGOING = "ongoing"
    COMPLETED = "completed"
    CANCELED = "canceled"


class WireFrameType(StrEnum):
    """A snapshot replaces what is known, a delta changes it."""

    SNAPSHOT = "snapshot"
    DELTA = "delta"


class SocketOp(StrEnum):
    """What a text frame asks for or answers."""

    AUTH = "auth"
    PING = "ping"
    PONG = "pong"
    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    ORDER_CREATE = "order.create"
    ORDER_AMEND = "order.amend"
    ORDER_CANCEL = "order.cancel"
    ORDER_CREATE_BATCH = "order.create-batch"
    ORDER_AMEND_BATCH = "order.amend-batch"
    ORDER_CANCEL_BATCH = "order.cancel-batch"
