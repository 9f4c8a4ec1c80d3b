"""The trading state, told to the processor of intents."""

from enum import StrEnum

import msgspec

__all__ = ["TradingState", "TradingStateChanged", "TradingStateQuery"]


class TradingState(StrEnum):
    """Active: all orders; reducing: closes only; halted: cancels only."""

    ACTIVE = "active"
    REDUCING = "reducing"
    HALTED = "halted"


class TradingStateChanged(msgspec.Struct, frozen=True, gc=False):
    """The state and why; also the answer to TradingStateQuery."""

    state: TradingState
    reason: str


class TradingStateQuery(msgspec.Struct, frozen=True, gc=False):
    """Answered by TradingStateChanged."""
