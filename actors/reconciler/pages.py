"""The queries of one reconciliation, page by page: position, balances, open orders, executions.

The position is read first and the executions last, so the executions include all that the position does. The answers
are of different instants.
"""

from actors.model.backend import (
    EquityQuery,
    EquityReport,
    Executions,
    ExecutionsQuery,
    OpenOrders,
    OpenOrdersQuery,
    PositionQuery,
    PositionReport,
    SyncState,
)
from actors.model.order import Fill, OrderReport
from actors.orders.messages import LocalView

__all__ = ["Answer", "PagesError", "Question", "VenuePages"]

Question = PositionQuery | EquityQuery | OpenOrdersQuery | ExecutionsQuery
Answer = PositionReport | EquityReport | OpenOrders | Executions

_OVERLAP_MS = 60_000  # the venue may list an execution this much later than it happened
_MAX_PAGES = 200


class PagesError(Exception):
    """The venue's pages do not end: a cursor has come again, or there are more than `_MAX_PAGES`."""


class VenuePages:
    """The pages of one symbol in one run; `state` is complete once `next_question` is None."""

    def __init__(self, view: LocalView) -> None:
        self.view = view
        self._position: PositionReport | None = None
        self._equity: EquityReport | None = None
        self._orders: list[OrderReport] = []
        self._fills: list[Fill] = []
        self._cursors: dict[str, bool] = {}
        self._next: Question | None = PositionQuery(view.symbol)
        self.complete_ms = 0
        self.since_ms = 0  # from when on executions are asked for
        self.questions = 1  # asked so far, with the next one

    @property
    def next_question(self) -> Question | None:
        """The next query to send, or None when all pages have been read."""
        return self._next

    def take(self, answer: Answer) -> None:
        """Take the answer to the last query. PagesError if its cursor has come before, or there are too many pages."""
        symbol = self.view.symbol
        match answer:
            case PositionReport():
                self._position = answer
                self._next = EquityQuery(symbol)
            case EquityReport():
                self._equity = answer
                self._next = OpenOrdersQuery(symbol)
            case OpenOrders(orders=orders, cursor=cursor):
                self._orders += orders
                self._next = OpenOrdersQuery(symbol, self._new(cursor)) if cursor else self._executions("")
            case Executions(fills=fills, cursor=cursor, time_ms=time_ms):
                self._fills += fills
                self.complete_ms = self.complete_ms or time_ms  # later pages do not include what happens meanwhile
                self._next = self._executions(self._new(cursor)) if cursor else None
        if self._next is not None:
            self.questions += 1

    def _executions(self, cursor: str) -> ExecutionsQuery:
        """Executions from a minute before `complete_ms` on; in a first run from the time of the position on."""
        assert self._position is not None
        complete_ms = self.view.complete_ms
        self.since_ms = self._position.time_ms if complete_ms is None else max(0, complete_ms - _OVERLAP_MS)
        return ExecutionsQuery(self.view.symbol, self.since_ms, cursor)

    def _new(self, cursor: str) -> str:
        if cursor in self._cursors or len(self._cursors) >= _MAX_PAGES:
            raise PagesError(f"page {cursor!r} of {self.view.symbol} came again, or is one of over {_MAX_PAGES}")
        self._cursors[cursor] = True
        return cursor

    @property
    def state(self) -> SyncState:
        """All that was read, executions oldest first; only once `next_question` is None."""
        assert self._position is not None, "the run is over"
        assert self._equity is not None, "the run is over"
        fills = sorted(self._fills, key=lambda fill: fill.time_ms)
        return SyncState(self._position, self._equity, tuple(self._orders), tuple(fills))
