"""Compares the ledger with what a reconciliation has read; orders go out once every symbol has been compared.

A position that our executions do not explain is read a second time, for the venue may list executions late. If it
still differs, the symbol is quarantined: entries are blocked, exits go out, and an operator may adopt the venue's
position. So is a symbol that holds a position when it is read for the first time, or orders that are not ours. The
quarantine ends by itself when the two agree again.
"""

from actors.model.backend import PositionReport
from actors.orders.life import OrderLife
from actors.orders.messages import DriftFound, Reconciled
from actors.orders.reports import VenueReports
from actors.orders.wiring import OrdersWiring
from actors.reconciler.messages import ReconcileCause, ReconcileNow, ReconcileReport, ReconcileVerdict
from runtime.context import Context
from runtime.messages import Asker

__all__ = ["Comparison"]


class Comparison:
    """Opens and closes `life`; `symbols` are those that have to be compared, `reports` counts what was read."""

    def __init__(self, life: OrderLife, reports: VenueReports, wiring: OrdersWiring, symbols: tuple[str, ...]) -> None:
        self._life = life
        self._reports = reports
        self._ledger = life.ledger
        self._to = wiring
        self._symbols = symbols
        self._left = dict.fromkeys(symbols, True)
        self._askers: list[tuple[Asker, str]] = []
        self._adopting: dict[str, bool] = {}  # symbols whose position an operator wants taken over
        self._averages: dict[str, str] = {}  # the last drift of the average price, by symbol
        self._tolerated: dict[str, bool] = {}  # open orders that are not ours, which an operator has adopted
        self._seen_once: dict[str, bool] = {}  # symbols with a drift that is being looked at again

    def reconciled(self, stated: Reconciled, ctx: Context) -> None:
        """Compare one symbol, report it, publish its revision, and send its position to protection."""
        symbol = stated.position.symbol
        if symbol in self._left:
            self._ledger.tell(symbol)  # readers that restarted with us need a revision, changed or not
        tally = self._reports.tally_of(symbol)
        foreign = [order for order in (*stated.run.foreign, *tally.foreign) if order not in self._tolerated]
        drift = self._ledger.reconcile(stated) or self._ledger.inherited(symbol)
        if drift or foreign:
            drift = drift or f"orders rest on {symbol} that are not ours ({', '.join(foreign)}): cancel or adopt them"
            verdict = self._drifted(stated, drift, foreign, ctx)
        else:
            self._seen_once.pop(symbol, None)
            self._adopting.pop(symbol, None)
            self._ledger.quarantine(symbol, "")
            self._compare_average(stated.position, ctx)
            verdict = ReconcileVerdict.MENDED if tally.booked or tally.moved else ReconcileVerdict.AGREES
        ctx.note(ReconcileReport(symbol, stated.run, verdict, tally.booked, tally.moved, drift))
        self._life.memories.of_symbol(symbol, ctx)
        self._life.publish(ctx, to_all=True)
        if not stated.position.position_idx:
            ctx.send(self._to.protection, stated.position)
        self._left.pop(symbol, None)
        if not self._left:
            self._open(ctx)

    def _compare_average(self, report: PositionReport, ctx: Context) -> None:
        """Note a drift of the average price, once while it stays the same; it changes and blocks nothing."""
        drift = self._ledger.average_drift(report)
        if drift and self._averages.get(report.symbol) != drift:
            ctx.note(DriftFound(report.symbol, drift))
        self._averages[report.symbol] = drift

    def _drifted(self, stated: Reconciled, drift: str, foreign: list[str], ctx: Context) -> ReconcileVerdict:
        symbol = stated.position.symbol
        ctx.note(DriftFound(symbol, drift))
        is_hedged = bool(stated.position.position_idx)  # never ours to take over
        if self._adopting.pop(symbol, False) and not is_hedged:
            self._tolerated.update(dict.fromkeys(foreign, True))
            self._ledger.adopt(stated.position.position, symbol)
            return ReconcileVerdict.ADOPTED
        if is_hedged or symbol in self._seen_once:
            self._ledger.quarantine(symbol, drift)
            return ReconcileVerdict.QUARANTINED
        self._seen_once[symbol] = True
        ctx.send(self._to.reconciler, ReconcileNow(drift, ReconcileCause.DRIFT))
        return ReconcileVerdict.READ_AGAIN

    def _open(self, ctx: Context) -> None:
        for asker, symbol in self._askers:
            ctx.answer(asker, self._ledger.as_it_is(symbol))
        self._askers.clear()
        self._life.open(ctx)

    def close(self) -> None:
        """Hold all orders until every symbol has been compared again."""
        self._left = dict.fromkeys(self._symbols, True)
        self._life.is_open = False

    def ask(self, symbol: str, ctx: Context) -> None:
        """Answer with the ledger of a symbol, now or once all symbols have been compared."""
        if self._left:
            self._askers.append((ctx.asker(), symbol))
        else:
            ctx.reply(self._ledger.as_it_is(symbol))

    def adopt(self, symbol: str, ctx: Context) -> None:
        """Reconcile, and take over the venue's position if it still differs."""
        self._adopting[symbol] = True
        ctx.send(self._to.reconciler, ReconcileNow(f"the operator adopts {symbol} as it is", ReconcileCause.OPERATOR))
