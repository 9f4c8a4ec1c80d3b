"""The scenes: what goes wrong, when, and what must be so afterwards.

Every scene ends with the watch's check: a decision has one order at the exchange at most, and no position ever stood
without its stop loss.
"""

from collections.abc import Awaitable, Callable, Mapping

import attrs

from actors.app import names
from actors.clocksync.messages import TimestampRefused
from actors.model.backend import CancelOrder, OrderQuery
from actors.orders.messages import NeverArrived, WithdrawResting
from actors.reconciler.messages import ReconcileCause, ReconcileNow
from tests.actors.bybit.server.markets import MINUTE_MS, Row
from tests.faults.scripts import Script, leave, long
from tests.faults.stage import Stage, play

__all__ = ["SCENES", "STALE_READS", "Scene"]

_FLAT: Row = (100.0, 100.0, 100.0, 100.0)
_DIP: Row = (100.0, 100.0, 98.0, 100.0)
_FALL: Row = (100.0, 100.0, 90.0, 100.0)  # through a stop at 95
_QTY = 400  # of `long()`, in thousandths
_CREATE = "order/create"
_SECOND_MS = 1_000
_RARELY_S = 150  # an interval that is over neither when the order is sent nor soon after
_RECONCILED_MS = 61 * _SECOND_MS  # a run of the interval, and its answers


@attrs.frozen
class Scene:
    """`dips` are bars that are not flat, by number; `volumes` bound what fills in a bar."""

    name: str
    act: Callable[[Stage], Awaitable[None]]
    script: Script
    dips: Mapping[int, Row] = attrs.field(factory=dict)
    volumes: dict[int, float] = attrs.field(factory=dict)
    ahead_ms: int = 0
    bars: int = 12
    reconcile_s: int = 3_600  # the interval alone must not be what mends it

    def play(self, *, has_trade_socket: bool = False) -> None:
        """AssertionError where something does not hold."""
        rows = [self.dips.get(number, _FLAT) for number in range(1, self.bars + 1)]
        play(
            self.act,
            self.script,
            rows,
            volumes=self.volumes,
            ahead_ms=self.ahead_ms,
            reconcile_s=self.reconcile_s,
            has_trade_socket=has_trade_socket,
        )


async def _is_held(stage: Stage, qty: int = _QTY) -> None:
    """Until the exchange has the position."""
    await stage.until(lambda: stage.truth.qty == qty, 15 * MINUTE_MS, f"a position of {qty}")


async def disconnect_while_part_filled(stage: Stage) -> None:
    """The connection breaks in place of the execution that fills the rest; it is read after the reconnect."""
    await stage.until(lambda: stage.booked_qty == _QTY // 2, 3 * MINUTE_MS, "half of it filled")
    (link_id,) = stage.statuses()
    assert stage.statuses()[link_id] == "WORKING"
    cut = stage.fault("drop_socket", on="sent", topic="execution", socket="private")
    await _is_held(stage)
    await stage.until_equal(5 * _SECOND_MS)
    assert stage.happened(cut) == 1
    assert stage.statuses() == {link_id: "FILLED"}
    assert len(stage.booked_ids) == 2
    assert 'stream.down stream=private cause="closed by the venue' in stage.log()
    assert "the private stream is live again" in stage.log()


async def acknowledgement_lost(stage: Stage) -> None:
    """No answer and no word on the stream: the order is unknown, is looked for and found, and never sent again."""
    lost = stage.fault("lose_ack", path=_CREATE)
    stage.fault("silent_stream", for_ms=2 * MINUTE_MS)
    await _is_held(stage)
    await stage.until_equal(7 * _SECOND_MS)
    assert stage.happened(lost) == 1
    assert len(stage.noted(OrderQuery)) <= 1
    assert len(stage.sent_ids) == 1
    assert "no answer within 5000 ms" in stage.log()


async def request_lost(stage: Stage) -> None:
    """The request arrives when it has been given up, and is refused: it is sent again under its id."""
    late = stage.fault("delay", path=_CREATE, ms=6_000)
    await _is_held(stage)
    await stage.until_equal(_SECOND_MS)
    assert stage.happened(late) == 1
    assert len(stage.noted(NeverArrived)) == 1
    assert len(stage.sent_ids) == 2
    assert len(set(stage.sent_ids)) == 1
    assert "no answer within 5000 ms" in stage.log()


async def reply_after_its_time_out(stage: Stage) -> None:
    """The answer comes when the order has been found already, and changes nothing."""
    late = stage.fault("answer_late", path=_CREATE, ms=20_000)
    stage.fault("silent_stream", for_ms=2 * MINUTE_MS)
    await _is_held(stage)
    await stage.until_equal(7 * _SECOND_MS)
    before = stage.statuses()
    assert set(before.values()) == {"FILLED"}
    await stage.pass_ms(30 * _SECOND_MS)
    assert stage.happened(late) == 1
    assert (stage.statuses(), len(stage.sent_ids)) == (before, 1)
    assert "no answer within 5000 ms" in stage.log()


async def fill_before_its_acknowledgement(stage: Stage) -> None:
    """The stream is faster than the answer: the position is known and protected at once."""
    late = stage.fault("answer_late", path=_CREATE, ms=3_000)
    await _is_held(stage)
    assert await stage.until_equal(100) < 100
    assert set(stage.statuses().values()) == {"FILLED"}
    await stage.pass_ms(5 * _SECOND_MS)
    assert stage.happened(late) == 1
    assert set(stage.statuses().values()) == {"FILLED"}
    assert len(stage.sent_ids) == 1
    assert stage.log().count("order.filled") == 1
    assert "order.unknown" not in stage.log()
    assert "order.accepted" not in stage.log()  # the fill was first, and the answer had nothing to say


async def duplicate_executions(stage: Stage) -> None:
    """Every request is carried out twice, and every execution told twice: each is booked once."""
    twice = stage.fault("duplicate", topic="execution", socket="private", times="always")
    again = stage.fault("duplicate", path=_CREATE, times="always")
    await _is_held(stage)
    await stage.until_equal(100)
    await _is_held(stage, 0)
    await stage.until_equal(100)
    await stage.pass_ms(5 * _SECOND_MS)
    assert (stage.happened(twice), stage.happened(again)) == (2, 2)
    assert len(stage.booked_ids) == len(set(stage.booked_ids)) == 2
    assert [stage.log().count(f"fill.repeated exec_id={exec_id} ") for exec_id in stage.booked_ids] == [1, 1]
    assert stage.watch.largest_qty == _QTY


async def fill_after_its_cancel(stage: Stage) -> None:
    """The order is reported cancelled before anybody tells of its execution: it is booked late, and not lost."""
    silent = stage.fault("silent_stream", topic="execution", for_ms=5 * MINUTE_MS)
    await _is_held(stage, _QTY // 2)
    stage.driver.tell(names.ORDERS, WithdrawResting("scenes"))  # as the processor does it
    await stage.until(lambda: "CANCELLED" in stage.statuses().values(), 900, "the cancel is told")
    assert (stage.booked_qty, stage.truth.open_ids) == (0, ())
    await stage.until_equal(3 * _SECOND_MS)
    assert stage.happened(silent) == 1
    assert set(stage.statuses().values()) == {"CANCELLED"}
    assert stage.booked_qty == _QTY // 2
    assert "verdict=mended because=gap" in stage.log()


async def cancel_that_loses_its_race(stage: Stage) -> None:
    """The cancel is acknowledged and the exit fills: the market exit that waited for it is not sent."""
    await _is_held(stage)
    race = stage.fault("cancel_race")
    await _is_held(stage, 0)
    await stage.until_equal(_SECOND_MS)
    await stage.pass_ms(10 * _SECOND_MS)
    assert stage.happened(race) == 1
    assert len(stage.noted(CancelOrder)) == 1
    assert len(stage.sent_ids) == 2
    assert stage.watch.largest_qty == _QTY
    assert stage.truth.qty == 0
    assert "the exit it replaced has filled meanwhile" in stage.log()


async def burst_of_10006(stage: Stage) -> None:
    """Over the rate three times: sent again later, under one id."""
    burst = stage.fault("error_code", code=10006, path=_CREATE, times=3)
    await _is_held(stage)
    await stage.until_equal(100)
    assert stage.happened(burst) == 3
    assert len(stage.sent_ids) == 4
    assert len(set(stage.sent_ids)) == 1
    assert "code=10006" in stage.log()


async def ban_of_403(stage: Stage) -> None:
    """The address is banned for ten minutes: nothing is sent, the stop stands, and afterwards everything goes on."""
    await _is_held(stage)
    await stage.until_equal(100)
    ban = stage.fault("ban")
    await stage.until(lambda: stage.happened(ban), 30 * _SECOND_MS, "a request meets the ban")
    sent = len(stage.sent_ids)
    await stage.pass_ms(9 * MINUTE_MS)
    assert stage.truth.qty == _QTY
    assert stage.truth.has_stop
    assert len(stage.truth.link_ids) == 1
    assert len(set(stage.sent_ids[sent:])) == 1  # the exit, which was not sent
    await _is_held(stage, 0)
    await stage.until_equal(_RECONCILED_MS)
    assert "address.banned seconds=600" in stage.log()


async def steps_of_the_servers_clock(stage: Stage) -> None:
    """The server is 3 s ahead, then falls back, and jumps ahead again: no order is refused for good."""
    await _is_held(stage)
    await stage.until_equal(100)
    await stage.until_bar(4)
    stage.fault("clock_step", by_ms=-3_000, at_ms=5 * MINUTE_MS - 1)
    await _is_held(stage, 0)
    await stage.until_equal(100)
    assert stage.noted(TimestampRefused)
    stage.fault("clock_step", by_ms=6_000)
    await _is_held(stage)
    await stage.until_equal(100)
    assert "the venue's clock stepped by about -29" in stage.log()
    assert "the venue's clock stepped by about 59" in stage.log()
    assert "code=10002" in stage.log()


async def maintenance(stage: Stage) -> None:
    """Sockets are closed and requests refused for minutes; the stop is hit meanwhile, and is booked soon after it."""
    await _is_held(stage)
    await stage.until_equal(100)
    down = stage.fault("maintenance", for_ms=4 * MINUTE_MS, announced=False)
    begun_ms = stage.now_ms
    stage.driver.command(names.RECONCILER, ReconcileNow("the operator asks", ReconcileCause.OPERATOR))
    await _is_held(stage, 0)
    assert stage.booked_qty == _QTY
    await stage.until(lambda: stage.now_ms >= begun_ms + 4 * MINUTE_MS, 4 * MINUTE_MS, "it is over")
    await stage.until_equal(45 * _SECOND_MS)
    assert stage.happened(down) > 0
    await _is_held(stage)
    await stage.until_equal(100)
    assert stage.log().count('cause="10016 Server error."') > 6
    assert "the private stream is live again" in stage.log()


async def planned_maintenance(stage: Stage) -> None:
    """Announced: entries pause before it, every stream closes before the exchange does, and all come back after it.

    The entry of bar 3 is decided within the pause. The stop is hit during the maintenance, and is booked after it.
    """
    begin_ms, end_ms = 3 * MINUTE_MS + 30_000, 7 * MINUTE_MS
    await _is_held(stage)
    await stage.until_equal(100)
    down = stage.fault("maintenance", at_ms=begin_ms, until_ms=end_ms)
    await stage.until(lambda: stage.now_ms >= begin_ms - 500, begin_ms, "it is about to begin")
    assert stage.connections() == ["status"]
    await _is_held(stage, 0)
    assert stage.booked_qty == _QTY
    await stage.until(lambda: stage.now_ms >= end_ms, end_ms, "it is over")
    await stage.until_equal(6 * _SECOND_MS)
    await _is_held(stage)
    await stage.until_equal(100)
    assert stage.happened(down) == 0  # nobody has met it
    log = stage.log()
    times = "from 2023-11-14T22:17:30Z to 2023-11-14T22:21:00Z"
    in_order = (
        "maintenance.planned id=1 begins=2023-11-14T22:17:30Z",
        f'trading_state state=reducing cause="planned maintenance {times}"',
        'refusal=HALTED cause="trading state is reducing"',
        'stream.down stream=private cause="planned maintenance"',
        "maintenance.over id=1",
        "trading_state state=active",
        'verdict=mended because=reconnect reason="the private stream is live again: planned maintenance"',
    )
    places = [log.find(line) for line in in_order]
    assert -1 not in places, in_order[places.index(-1)]
    assert places == sorted(places), log


async def silent_private_stream(stage: Stage) -> None:
    """The stream answers pings and tells nothing: an acknowledged order shows it, and it is replaced; the interval's
    runs find what nobody had to acknowledge.
    """
    silent = stage.fault("silent_stream", for_ms=10 * MINUTE_MS)
    await _is_held(stage)
    await stage.until_equal(3 * _SECOND_MS)
    assert 2 * _SECOND_MS <= stage.now_ms - MINUTE_MS < 3 * _SECOND_MS  # the order was sent at the first close
    (link_id,) = stage.sent_ids
    await _is_held(stage, 0)
    await stage.until_equal(_RARELY_S * _SECOND_MS + _SECOND_MS)
    assert stage.happened(silent) >= 4
    assert len(stage.noted(OrderQuery)) == 2  # one for the proof, one of the reconciliation
    log = stage.log()
    assert f'stream.silent stream=private cause="the private stream has told nothing of {link_id}, which' in log
    assert f'stream.down stream=private cause="the private stream has told nothing of {link_id}, which' in log
    assert "verdict=mended because=gap" in log
    assert "verdict=mended because=timer" in log


async def stale_reads(stage: Stage) -> None:
    """No answer, no stream, and reads that lag 8 s: absent once is no proof, and the second look finds the order."""
    stage.fault("lose_ack", path=_CREATE)
    stage.fault("silent_stream", for_ms=3 * MINUTE_MS)
    stale = stage.fault("stale_read", lag_ms=8_000, for_ms=3 * MINUTE_MS)
    await _is_held(stage)
    took_ms = await stage.until_equal(20 * _SECOND_MS)
    assert stage.happened(stale) > 0
    assert took_ms > 7 * _SECOND_MS
    assert len(stage.noted(OrderQuery)) >= 2
    assert (len(stage.sent_ids), stage.noted(NeverArrived)) == (1, [])


_HALVES = {2: 0.2, 4: 1.0}
_ENTER = {1: long()}
SCENES = (
    Scene("disconnect", disconnect_while_part_filled, {1: long(below_ticks=10)}, {2: _DIP, 4: _DIP}, _HALVES),
    Scene("ack lost", acknowledgement_lost, _ENTER),
    Scene("request lost", request_lost, _ENTER),
    Scene("late reply", reply_after_its_time_out, _ENTER),
    Scene("fill before ack", fill_before_its_acknowledgement, _ENTER),
    Scene("duplicate execution", duplicate_executions, {1: long(), 3: leave()}),
    Scene("fill after cancel", fill_after_its_cancel, {1: long(below_ticks=10)}, {2: _DIP}, _HALVES),
    Scene("cancel race", cancel_that_loses_its_race, {1: long(), 2: leave(above_ticks=50), 4: leave()}),
    Scene("10006 burst", burst_of_10006, _ENTER),
    Scene("403 ban", ban_of_403, {1: long(), 3: leave(), 14: leave()}, bars=18, reconcile_s=60),
    Scene("clock", steps_of_the_servers_clock, {2: long(), 5: leave(), 8: long()}, ahead_ms=3_000),
    Scene("maintenance", maintenance, {1: long(), 8: long()}, {3: _FALL}),
    Scene("planned maintenance", planned_maintenance, {1: long(), 3: long(), 9: long()}, {6: _FALL}),
    Scene("silent stream", silent_private_stream, _ENTER, {4: _FALL}, reconcile_s=_RARELY_S),
)
STALE_READS = Scene("stale read after write", stale_reads, _ENTER)
