"""Owns the positions' levels: moves the venue's stop and target to their exact distance from an entry's fill.

They came along with the order; each revision of the ledger tells which fills want them moved, and whose levels the
position should have. What that means for one symbol is `guard.PositionGuard`; here is who hears what.
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


class Protection(Actor):
    """A guard a symbol; `port` takes their moves, `safety` hears of a position that cannot be protected."""

    def __init__(self, port: Ref, safety: Ref, instruments: Mapping[str, Instrument], round_trip_ns: int = 0) -> None:
        self._asked: dict[int, PositionGuard] = {}
        self._guards = {
            symbol: PositionGuard(port, safety, instrument, self._asked, round_trip_ns)
            for symbol, instrument in instruments.items()
        }

    @handles(LedgerChanged)
    def ledger_changed(self, message: LedgerChanged, ctx: Context) -> None:
        """Every fill of an entry moves its levels; with the position they are gone."""
        self._guards[message.symbol].ledger_changed(message, ctx)

    @handles(PositionReport)
    def venue_says(self, message: PositionReport, ctx: Context) -> None:
        """Reconciled: what stands at the venue."""
        self._guards[message.symbol].venue_says(message, ctx)

    @handles(OrderResult)
    def answered(self, message: OrderResult, ctx: Context) -> None:
        """The venue's word on a move."""
        self._asked.pop(ctx.correlation).answered(message, ctx)

    @handles(AskFailed)
    def failed(self, message: AskFailed, ctx: Context) -> None:
        """Outcome unknown: setting it again is harmless."""
        self._asked.pop(message.correlation).failed(message, ctx)

    @handles(RetryProtection)
    def retry(self, message: RetryProtection, ctx: Context) -> None:
        """Once more, if it still matters."""
        self._guards[message.symbol].retry(ctx)
