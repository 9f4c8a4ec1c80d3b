"""Faults to plant in the trading rooms, each with the tests that must find it: python -P -m tests.mutation.rooms"""

from collections.abc import Iterable
from pathlib import Path

from benchmarks.mutants import Mutant, run_mutant, warm_up

__all__ = ["ROWS", "Row", "main", "plant"]

Row = tuple[str, str, str, str]

ORDERS, RUN = "actors/orders/actor.py", "actors/reconciler/actor.py"
ANSWERS, REPORTS, LEDGER = "actors/orders/answers.py", "actors/orders/reports.py", "actors/orders/ledger.py"
LEDGERS, COMPARED = "tests/actors/orders/test_ledger.py", "tests/actors/orders/test_comparing.py"
PAGES, MOVING = "tests/actors/reconciler/test_pages.py", "tests/actors/reconciler/test_moving_world.py"
VENUE = "actors/simulator/"
DOUBT, RUNS = "tests/actors/orders/test_doubt.py", "tests/actors/reconciler/test_runs.py"
EDGES = "tests/actors/simulator/test_margin_edges.py"
GUARD, GUARDED = "actors/protection/guard.py", "tests/actors/protection/test_actor.py"
CLOCK, CLOCKED = "actors/clocksync/actor.py", "tests/actors/clocksync/test_actor.py"
BOUNDS, BOUNDED = "actors/clocksync/estimator.py", "tests/actors/clocksync/test_estimator.py"
TIME, TIMED = "actors/model/venue_time.py", "tests/actors/model/test_venue_time.py"
CLOSING, CLOSINGS = "actors/marketdata/closing.py", "tests/actors/marketdata/test_closing.py"
SAFETY, SAFE = "actors/safety/actor.py", "tests/actors/safety/test_trading_state.py"
HEARING, HEARD = "actors/orders/hearing.py", "tests/actors/orders/test_hearing.py"
EXITS, WITHDRAWALS = "tests/actors/orders/test_exits.py", "tests/actors/orders/test_withdrawals.py"
EVIDENCE, FOREIGN = "tests/actors/reconciler/test_evidence.py", "tests/actors/orders/test_reconcile_reports.py"
PAUSED, CONVERGES = "tests/actors/strategy/test_pausing.py", "tests/actors/reconciler/test_converging.py"

# File, text that stands there once, what is planted instead, the tests.
ROWS: tuple[Row, ...] = (
    (ORDERS, "        self._comparison.close()\n", "        pass\n", DOUBT),
    (ANSWERS, "rejection is RejectReason.DUPLICATE_ID", "rejection is RejectReason.HALTED", DOUBT),
    (ORDERS, "if order is None or order.status is not LocalStatus.UNKNOWN:", "if order is None:", DOUBT),
    (REPORTS, "        if order.filled_qty < report.filled_qty:\n", "        if False:\n", DOUBT),
    (REPORTS, "        if booked < message.qty:\n", "        if False:\n", DOUBT),
    (REPORTS, "elif event.filled_qty > self._ledger.executed_qty(event.order_id):", "elif False:", DOUBT),
    (REPORTS, "        if not ledger.is_new(fill):\n            return False\n", "",
     "tests/actors/orders/test_news.py"),
    (LEDGER, "            cash += realised\n", "", LEDGERS),
    (LEDGER, "cash, signed = -fill.fee,", "cash, signed = 0,", LEDGERS),
    (LEDGER, "            book.in_flight.pop(order.request.link_id, None)\n", "            pass\n", LEDGERS),
    (LEDGER, "if net == wanted:", "if False:", LEDGERS),
    ("actors/orders/moves.py", "reversed(self._moves)", "self._moves", PAGES),
    ("actors/orders/moves.py", "insort(self._moves, move, key=_time_of)", "self._moves.append(move)", MOVING),
    (LEDGER, " and fill.time_ms >= self._books[fill.symbol].begins_ms", "", MOVING),
    (LEDGER, "elif statement.awaited or self._explains_wallet(", "elif self._explains_wallet(", MOVING),
    (LEDGER, "statement is None or symbol not in statement.awaited", "statement is None", MOVING),
    (LEDGER, "_Statement(wallet, stated.position.time_ms,", "_Statement(wallet, 0,", MOVING),
    (LEDGER, "        self._revision += 1\n", "", LEDGERS),
    (LEDGER, "            book.position, realised = apply_fill(", "            _, realised = apply_fill(", LEDGERS),
    ("actors/orders/comparing.py", "            self._seen_once.pop(symbol, None)\n", "", COMPARED),
    ("actors/orders/comparing.py", "            self._adopting.pop(symbol, None)\n", "", COMPARED),
    ("actors/orders/comparing.py", "if is_hedged or symbol in self._seen_once:", "if True:", COMPARED),
    ("actors/reconciler/pages.py", "PositionQuery(view.symbol)", "EquityQuery(view.symbol)", PAGES),
    ("actors/reconciler/pages.py", "self.complete_ms or time_ms", "time_ms", PAGES),
    ("actors/reconciler/pages.py", "if cursor in self._cursors or", "if", PAGES),
    ("actors/orders/transitions.py", "S.CANCELLED: {E.FILLED: S.FILLED}", "S.CANCELLED: {}", DOUBT),
    (ORDERS, "order.attempts >= _MAX_ATTEMPTS", "order.attempts > _MAX_ATTEMPTS", DOUBT),
    (ANSWERS, "None if order.is_entry else RATE", "RATE", DOUBT),
    (RUN, "            self._why_next = self._why_next or why\n", "            pass\n", RUNS),
    (RUN, "        self._failures = 0\n        ctx.after", "        ctx.after", RUNS),
    (RUN, "self._failures > _MAX_FAILURES", "self._failures >= _MAX_FAILURES", RUNS),
    (RUN, " and link_id not in known)", ")", RUNS),
    (RUN, "            self._absent.pop(link_id, None)\n", "", RUNS),
    (RUN, "        self._absent.pop(order[1], None)\n", "", RUNS),
    ("actors/reconciler/diff.py", "(*state.fills, *ours)", "ours", CONVERGES),
    ("actors/reconciler/diff.py", "is_read=True), missing, foreign)", "is_read=True), (), foreign)", CONVERGES),
    (RUN, "        elif message.cursor:\n", "        elif False:\n", EVIDENCE),
    (RUN, "if fill.link_id == link_id)", "if fill)", EVIDENCE),
    (RUN, "message = self._why if self._failures else timer", "message = timer", EVIDENCE),
    (LEDGER, "            book.is_inherited = bool(report.position.qty)\n", "", FOREIGN),
    ("actors/orders/book.py", "self.protected, self.is_inherited, self.layers = None, False, 0",
     "self.protected, self.layers = None, 0", FOREIGN),
    (REPORTS, "if report.status in _OPEN:", "if True:", FOREIGN),
    (REPORTS, "tallies = self._tallies if message.is_read else {}", "tallies = self._tallies", FOREIGN),
    ("actors/orders/comparing.py", "if order not in self._tolerated]", "]", FOREIGN),
    ("actors/orders/retries.py", "longest_s * (1 - _JITTER * draw)", "longest_s",
     "tests/actors/orders/test_retries.py"),
    ("actors/orders/withdrawals.py", "policy_of(result) if is_known", "None if is_known", WITHDRAWALS),
    ("actors/strategy/pausing.py", "if self.is_paused else intents", "if False else intents", PAUSED),
    ("actors/strategy/pausing.py", "_LETS_OUT = (Action.EXIT, ", "_LETS_OUT = (", PAUSED),
    (VENUE + "matching/engine.py", "        self.protection.closed(time_ms)\n        held = account.position.qty\n",
     "        held = account.position.qty\n", EDGES),
    (VENUE + "matching/engine.py", "if not is_maker and not account.can_open(", "if not account.can_open(", EDGES),
    (VENUE + "matching/protection.py", "!= p.trailing_stop or p.active_price is not None:",
     "!= p.trailing_stop:", EDGES),
    (VENUE + "matching/protection.py", " and order.request.trigger_by is by:", ":", EDGES),
    (VENUE + "matching/protection.py", ">= MAX_PARTIAL:", "> MAX_PARTIAL:", EDGES),
    (VENUE + "matching/trailing.py", "start <= level if self.is_long", "start < level if self.is_long", EDGES),
    (VENUE + "margin/account.py", "return -(-amount * self._money_per_amount // self.leverage)",
     "return amount * self._money_per_amount // self.leverage", EDGES),
    (VENUE + "margin/account.py", "self.wallet.balance + sum(other", "self.wallet.balance - sum(other", EDGES),
    (VENUE + "matching/trailing.py", "        self.see(start)\n", "", EDGES),
    (VENUE + "matching/trailing.py", "        self.see(end)\n", "", EDGES),
    (GUARD, "if sent is None or self._wanted is None:", "if sent is None:", GUARDED),
    (GUARD, "        if self._sent is None:\n", "        if True:\n", GUARDED),
    (GUARD, "                stop_loss not in (None, message.stop_loss)\n                or take_profit",
     "                take_profit", GUARDED),
    (GUARD, "self._attempts >= _MAX_ATTEMPTS", "self._attempts > _MAX_ATTEMPTS", GUARDED),
    (GUARD, "wanted.stop_loss is not None and stop_loss is None", "wanted.stop_loss is not None", GUARDED),
    (GUARD, "if self._wanted is not None and self._sent is None:", "if self._wanted is not None:", GUARDED),
    ("actors/orders/exits.py", "Qty(self.total - older.filled_qty)", "Qty(self.message.qty - older.filled_qty)", EXITS),
    ("actors/orders/withdrawals.py",
     "            del self.pending[order.request.link_id]\n", "            pass\n", WITHDRAWALS),
    (BOUNDS, "stamp_ns - self.received_ns, stamp_ns + _NS_PER_MS - self.sent_ns", "stamp_ns - self.sent_ns, stamp_ns + "
     "_NS_PER_MS - self.received_ns", BOUNDED),
    (BOUNDS, "stamp_ns + _NS_PER_MS - self.sent_ns", "stamp_ns - self.sent_ns", BOUNDED),
    (BOUNDS, "drift_ns = -(-(now_ns - self.at_ns) * drift_ppm // _MILLION)", "drift_ns = 0", BOUNDED),
    (BOUNDS, "        spared = 1 if len(bounds) >= AGREEING else 0\n", "        spared = 0\n", BOUNDED),
    (BOUNDS, "        spared = 1 if len(bounds) >= AGREEING else 0\n", "        spared = min(1, len(bounds) - 1)\n",
     BOUNDED),
    (BOUNDS, "return None if low_ns > high_ns else OffsetBound(low_ns, high_ns, now_ns)",
     "return OffsetBound(min(low_ns, high_ns), max(low_ns, high_ns), now_ns)", BOUNDED),
    (BOUNDS, "        self._prior = None\n        newest", "        newest", BOUNDED),
    (BOUNDS, "        if self._prior is not None:\n", "        if False:\n", BOUNDED),
    (BOUNDS, "return self.high_ns - self.offset_ns", "return self.offset_ns - self.low_ns", BOUNDED),
    (CLOCK, "        ctx.correct_wall(bound.offset_ns, bound.error_ns, self._policy.drift_ppm)\n", "", CLOCKED),
    (CLOCK, "bound.error_ns, self._policy.drift_ppm)", "bound.error_ns, 0)", CLOCKED),
    (CLOCK, "        if finding is Finding.STEPPED:\n", "        if False:\n", CLOCKED),
    (CLOCK, "        if estimator.is_settled:\n", "        if True:\n", CLOCKED),
    (CLOCK, "        if error_ns > limit_ns:\n", "        if False:\n", CLOCKED),
    (CLOCK, "if not self._is_up and self._failures >", "if self._failures >", CLOCKED),
    (CLOCK, "        if ctx.wall_error_ns is not None:  # an earlier", "        if False:  # an earlier", CLOCKED),
    (CLOCK, "        if type(state) is not type(self._state):\n", "        if True:\n", CLOCKED),
    (TIME, "return SigningStamp(self.earliest_ms,", "return SigningStamp(self.wall_ns // _NS_PER_MS,", TIMED),
    (TIME, "behind_ms = -(-2 * self.error_ns // _NS_PER_MS)", "behind_ms = self.error_ns // _NS_PER_MS", TIMED),
    (TIME, "(self.wall_ns - self.error_ns) // _NS_PER_MS", "self.wall_ns // _NS_PER_MS", TIMED),
    (TIME, "(self.wall_ns + self.error_ns) // _NS_PER_MS", "self.wall_ns // _NS_PER_MS", TIMED),
    (TIME, "time_ms * _NS_PER_MS + self.error_ns", "time_ms * _NS_PER_MS", TIMED),
    (CLOSING, "or now.is_past(bars.ts_close):", "or True:", CLOSINGS),
    (CLOSING, "(bars.start == bars.stop and not bars.candles) or ", "", CLOSINGS),
    (CLOSING, "if now.is_past(candle.ts_open + bars.timeframe_ms))", "if now.is_past(candle.ts_open))", CLOSINGS),
    ("actors/marketdata/actor.py", "message = self._closed_for_certain(message, ctx)",
     "self._closed_for_certain(message, ctx)", CLOSINGS),
    ("actors/marketdata/actor.py", "delay_ns = _CLOCK_RETRY_NS if wait_ns is None else wait_ns", "delay_ns = 0",
     CLOSINGS),
    (SAFETY, "isinstance(passing, Unsynchronised | VenueClosing):", "isinstance(passing, VenueClosing):", SAFE),
    (SAFETY, "isinstance(passing, Unsynchronised | VenueClosing):", "isinstance(passing, Unsynchronised):", SAFE),
    (HEARING, "report.status is not VenueStatus.NEW or ", "True or ", HEARD),
    (HEARING, "since_ns = due_ns - self._bound_ns", "since_ns = due_ns", HEARD),
    (HEARING, "                self.waiting.clear()\n", "                pass\n", HEARD),
    (HEARING, "_BOUND_NS + round_trip_ns", "_BOUND_NS", HEARD),
    (HEARING, "report.filled_qty > order.filled_qty", "False", HEARD),
    (HEARING, ">= OrderEvent.CANCELLED or", ">= OrderEvent.FILLED or", HEARD),
    (HEARING, "        if self.waiting:\n            ctx.after(", "        if False:\n            ctx.after(", HEARD),
    (HEARING, "not order.status.has_ended and (", "(", HEARD),
    (ORDERS, "            self._life.hearing.expect(order, ctx)\n\n    # --", "            pass\n\n    # --", HEARD),
    (REPORTS, "        if self._life.hearing.waiting:\n", "        if False:\n", HEARD),
    (SAFETY, "        elif self._current != before:\n", "        else:\n", SAFE),
    (SAFETY, "        ctx.watch(self._clock)\n", "", SAFE),
    (SAFETY, "        if self._clock_state is not None:\n            ctx.started()", "        ctx.started()", SAFE),
)  # fmt: skip


def main() -> int:
    """Plant each fault of this table, of the local exchange, the gate, leaders and streams, then the structures'."""
    from tests.mutation.exchange import ROWS as OF_EXCHANGE  # which itself plants with this module
    from tests.mutation.gate import ROWS as OF_GATE
    from tests.mutation.leaders import ROWS as OF_LEADERS
    from tests.mutation.streams import ROWS as OF_STREAMS
    from tests.mutation.structures import main as of_structures

    return plant((*ROWS, *OF_EXCHANGE, *OF_GATE, *OF_LEADERS, *OF_STREAMS)) + of_structures()


def plant(rows: Iterable[Row]) -> int:
    """Plant each fault alone; prints those that no test found, and returns how many."""
    warm_up()
    missed = 0
    rows = tuple(rows)
    for path, old, new, tests in rows:
        source = Path(path).read_text(encoding="utf-8")
        where = f"{path}: {old.strip().splitlines()[0]}"
        if source.count(old) != 1:
            missed += 1
            print(f"{where}: stands there {source.count(old)} times, not once")
        elif run_mutant(Mutant(path, 0, where, source.replace(old, new)), [tests], 60) == "survived":
            missed += 1
            print(f"{where}: no test found it")
    print(f"{len(rows) - missed} of {len(rows)} planted faults were found")
    return missed


if __name__ == "__main__":
    raise SystemExit(min(1, main()))
