"""Why an order ended, in Bybit's words where it has one."""

__all__ = ["EndReason"]


class EndReason:
    """The reason that stands in the order's last report."""

    BY_USER = "CancelByUser"
    BY_REDUCE_ONLY = "CancelByReduceOnly"
    POSITION_CLOSED = "CancelByTpSlTsClear"
    WOULD_TAKE = "EC_PostOnlyWillTakeLiquidity"
    NOTHING_TO_TAKE = "EC_NoImmediateQtyToFill"
    NOT_ENOUGH = "EC_NoEnoughQtyToFill"
    NOT_ALL_AT_ONCE = "EC_CancelForNoFullFill"
    MARGIN = "INSUFFICIENT_MARGIN"
    LIQUIDATION = "CancelByPrepareLiq"
    DELISTED = "CancelByDelivery"
