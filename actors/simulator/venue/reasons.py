"""Why an order ended: Bybit's reason where it has one."""

__all__ = ["EndReason"]


class EndReason:
    """The reason in an order's final report."""

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
