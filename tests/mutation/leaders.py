"""Faults to plant where a card's leaders are read and waited for; `tests.mutation.rooms` plants them with its own."""

from tests.mutation.rooms import Row

__all__ = ["ROWS"]

LED, FEEDS, STORE = "ideacards/leaders.py", "ideacards/feeds.py", "ideacards/store.py"
WAIT, STRATEGY, HOUSE = "actors/strategy/leading.py", "actors/strategy/actor.py", "actors/app/live/house.py"
VALUES, LOOP = "tests/ideacards/test_leaders.py", "tests/oracle/test_leader_loop.py"
WAITING, ARRIVING = "tests/actors/strategy/test_leading.py", "tests/scenarios/test_led_bars.py"
PLANNED = "tests/actors/app/live/test_leaders.py"

ROWS: tuple[Row, ...] = (
    (LED, "np.searchsorted(exec_closes, closes), decided",
     'np.searchsorted(exec_closes, closes, side="right"), decided', LOOP),
    (LED, "np.searchsorted(exec_closes, closes), decided", "np.searchsorted(exec_closes, closes), 0", VALUES),
    (LED, 'last_ms, side="right"', 'last_ms, side="left"', VALUES),
    (FEEDS, "if come:", "if False:", VALUES),
    (FEEDS, "return self.column(name), NEVER if first is None else first", "return self.column(name), first or 0",
     VALUES),
    (STORE, "index if self.leader_at is None else self.leader_at.view()[index]", "index", VALUES),
    ("ideacards/readiness.py", "if leader_price(name, card.leaders)", "if False", VALUES),
    ("ideacards/loading/features.py", "if symbol and bare and one.symbol is None:", "if False:", VALUES),
    (WAIT, "columns.last_close_ms < message.ts_close", "False", WAITING),
    (WAIT, "columns.last_close_ms < message.ts_close", "columns.last_close_ms != message.ts_close", WAITING),
    (WAIT, "        older = self._given_up(ctx)\n", "        older: tuple[BarsClosed, ...] = ()\n", WAITING),
    (WAIT, "self._held.ts_close == message.ts_close", "False", WAITING),
    (STRATEGY, "bars if self._leading is None else bars.head(stop)", "bars", WAITING),
    (STRATEGY, "self._bars = covered(bars.newest(), leaders)", "self._bars = bars.newest()", ARRIVING),
    (STRATEGY, "stop = min(self._stop, len(covered(self._source.newest(), self._leaders)))", "stop = self._stop",
     ARRIVING),
    (HOUSE, "covered(columns.newest(), leaders)", "columns.newest()", ARRIVING),
    ("actors/app/live/planning.py", "min(start_ms, since_ms.get(symbol, start_ms))", "start_ms", PLANNED),
)  # fmt: skip
