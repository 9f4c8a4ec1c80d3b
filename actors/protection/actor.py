"""Moves a position's stop loss and take profit at the venue to their exact distance from the entry's fill.

They are attached to the entry's order; the ledger's revisions say which fills to measure them from, and which entry's
levels the position should have. `guard.PositionGuard` does the work for one symbol; this actor passes it the messages.
"""

from collections.abc import Mapping

from actors.model.backend import PositionReport
from actors.model.instrument import Instrument
from actors.model.result import OrderResult
from actors.orders.messages import LedgerChanged
from actors.protection.guard import PositionGuard
from actors.protection.messages import RetryProtection
from runtime.actor import Actor, handles
from runtime.context import Context
from runtime.messages import AskFailed, Ref

__all__ = ["Protection"]


NOBODY = Ref("")


class Protection(Actor):
    """One guard a symbol; their requests go to `port`; `safety` is told of a position that cannot be protected, and
    `orders` of the targets of an entry.
    """

    def __init__(
        self,
        port: Ref,
        safety: Ref,
        instruments: Mapping[str, Instrument],
        round_trip_ns: int = 0,
        orders: Ref = NOBODY,
    ) -> None:
        self._asked: dict[int, PositionGuard] = {}
        self._guards = {
            symbol: PositionGuard(port, safety, orders, instrument, self._asked, round_trip_ns)
            for symbol, instrument in instruments.items()
        }

    @handles(LedgerChanged)
    def ledger_changed(self, message: LedgerChanged, ctx: Context) -> None:
        """Move the levels after an entry's fill, or forget them when the position is flat."""
        self._guards[message.symbol].ledger_changed(message, ctx)

    @handles(PositionReport)
    def venue_says(self, message: PositionReport, ctx: Context) -> None:
        """Compare with the levels that a reconciliation has read."""
        self._guards[message.symbol].venue_says(message, ctx)

    @handles(OrderResult)
    def answered(self, message: OrderResult, ctx: Context) -> None:
        """The venue has answered a request to set levels."""
        self._asked.pop(ctx.correlation).answered(message, ctx)

    @handles(AskFailed)
    def failed(self, message: AskFailed, ctx: Context) -> None:
        """No answer came: set the levels again, which is harmless if they are set already."""
        self._asked.pop(message.correlation).failed(message, ctx)

    @handles(RetryProtection)
    def retry(self, message: RetryProtection, ctx: Context) -> None:
        """Set the levels again, if they still have to be set."""
        self._guards[message.symbol].retry(ctx)
