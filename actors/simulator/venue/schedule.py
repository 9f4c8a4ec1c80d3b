"""The trading status of an instrument over time: which requests the venue accepts, and when it is delisted.

Bybit announces maintenance windows and delistings. Reject codes come from its list; a halted or closed instrument has
no code of its own there and is rejected as a wrong parameter.
"""

from bisect import bisect_right
from collections.abc import Sequence
from enum import StrEnum

import attrs

from actors.model.errors import InvariantError
from actors.model.result import OrderResult, RequestOutcome, VenueCode, reject_reason_of
from actors.simulator.venue.checks import Objection, parameter

__all__ = ["ALWAYS", "Schedule", "TradingStatus", "unknown_outcome"]


class TradingStatus(StrEnum):
    """Which requests the venue accepts."""

    TRADING = "trading"
    CLOSING_ONLY = "closing_only"  # delisting is near: only orders that reduce a position
    HALTED = "halted"  # no new orders and no changes; cancels are accepted
    MAINTENANCE = "maintenance"  # every answer is "server error"; whether the venue acted is not known
    DELISTED = "delisted"  # orders are cancelled and the position is settled at the mark


@attrs.frozen
class Schedule:
    """Rising times (UTC ms) and the status from each on; before the first the instrument is trading."""

    times_ms: Sequence[int] = ()
    statuses: Sequence[TradingStatus] = ()

    def __attrs_post_init__(self) -> None:
        rises = all(one < other for one, other in zip(self.times_ms, self.times_ms[1:], strict=False))
        if len(self.times_ms) != len(self.statuses) or not rises:
            raise InvariantError("a status a time, and times that rise")

    def at(self, now_ms: int) -> TradingStatus:
        """The status at a time."""
        index = bisect_right(self.times_ms, now_ms) - 1
        return self.statuses[index] if index >= 0 else TradingStatus.TRADING

    @property
    def delisting_ms(self) -> int | None:
        """Delisting time (UTC ms); None if it is never delisted."""
        for time_ms, status in zip(self.times_ms, self.statuses, strict=True):
            if status is TradingStatus.DELISTED:
                return time_ms
        return None

    def objection(self, symbol: str, now_ms: int, *, reduces: bool, cancels: bool = False) -> Objection | None:
        """Why a request is rejected at `now_ms`; None if it is accepted."""
        status = self.at(now_ms)
        if status is TradingStatus.TRADING or (cancels and status is not TradingStatus.MAINTENANCE):
            return None
        if status is TradingStatus.MAINTENANCE:
            return Objection(VenueCode.SERVER_ERROR, "server error: the venue is in maintenance")
        if status is TradingStatus.CLOSING_ONLY:
            reason = f"{symbol} can only be closed"
            return None if reduces else Objection(VenueCode.CLOSING_ONLY, reason)
        return parameter(f"{symbol} is {status.value}")


ALWAYS = Schedule()


def unknown_outcome(objection: Objection, link_id: str = "") -> OrderResult:
    """A result that does not say whether the request was carried out."""
    code = objection.code
    rejection = reject_reason_of(code)
    return OrderResult(RequestOutcome.UNKNOWN, link_id, code=code, rejection=rejection, reason=objection.reason)
