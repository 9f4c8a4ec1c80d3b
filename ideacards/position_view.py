"""Account facts that an expression may read at the deciding close; the strategy sets them before each evaluation."""

from enum import StrEnum
from math import inf, nan
from typing import Protocol

import attrs

__all__ = ["NOTHING_MOVES", "ExitReason", "MovingFacts", "PositionView"]


class ExitReason(StrEnum):
    """How a position ended; `exit` is by an order of the card."""

    EXIT = "exit"
    STOP_LOSS = "stop_loss"
    TAKE_PROFIT = "take_profit"
    TRAILING_STOP = "trailing_stop"
    LIQUIDATION = "liquidation"
    OTHER = "other"


class MovingFacts(Protocol):
    """Facts that any bar may change, each asked for at the index of the deciding bar; NaN if unknown."""

    def best_price(self, index: int) -> float:
        """The most favourable price since the entry."""

    def worst_price(self, index: int) -> float:
        """The most adverse price since the entry."""

    def entries_today(self, index: int) -> float:
        """Entries that filled on the UTC day of the bar's close."""


class _NothingMoves:
    def best_price(self, index: int) -> float:
        return nan

    def worst_price(self, index: int) -> float:
        return nan

    def entries_today(self, index: int) -> float:
        return 0.0


NOTHING_MOVES: MovingFacts = _NothingMoves()  # no position, and never an entry


@attrs.define
class PositionView:
    """`qty_sign` -1, 0 or 1; `size` signed, in base coin; `entry_price` None while flat; `equity` in quote coin.

    A bar number is that of the last bar that had closed by then: `entry_bar` (NaN while flat), `exit_bar` and
    `loss_bar` (-inf if there was none). `risk_percent` is the distance of the stop that the position was opened with,
    NaN without one; `last_result` in quote coin; `drawdown` in percent of the highest equity at a close.
    """

    qty_sign: int = 0
    has_entry_in_flight: bool = False
    size: float = 0.0
    entry_price: float | None = None
    equity: float = 0.0
    entry_bar: float = nan
    risk_percent: float = nan
    exit_bar: float = -inf
    loss_bar: float = -inf
    last_exit: ExitReason | None = None
    last_result: float = nan
    drawdown: float = nan
    moving: MovingFacts = NOTHING_MOVES
