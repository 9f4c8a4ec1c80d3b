"""The trading state, which safety sends to the IntentProcessor."""

from enum import StrEnum

import msgspec

__all__ = ["TradingState", "TradingStateChanged", "TradingStateQuery"]


class TradingState(StrEnum):
    """What is allowed. Active: all orders; reducing: closing orders and cancels; halted: cancels only."""

    ACTIVE = "active"
    REDUCING = "reducing"
    HALTED = "halted"


class TradingStateChanged(msgspec.Struct, frozen=True, gc=False):
    """The trading state and why; sent at a change, and as the answer to TradingStateQuery."""

    state: TradingState
    reason: str


class TradingStateQuery(msgspec.Struct, frozen=True, gc=False):
    """Ask for the trading state; answered by TradingStateChanged."""
