"""Every event that an operator acts on has a line, with its cause named, and nothing but named fields is in it."""

import io
import json
from typing import Any

import pytest

from actors.app.live.log_lines import LOGGED, line_of, tree_line
from actors.app.live.log_lines import LogLevel as Lv
from actors.app.live.logs import LogTail, open_log_sink
from actors.app.results.record import decision_recorder
from actors.clocksync.messages import Synchronised, TimestampRefused, Unsynchronised
from actors.intents.messages import IntentRefused
from actors.maintenance.messages import MaintenanceUnknown, PlanDropped, PlanNoted
from actors.marketdata.messages import BarRefused
from actors.model.backend import AmendOrder, CancelOrder, SetTradingStop, SubmitOrder
from actors.model.fixed import Money, Price, Qty
from actors.model.maintenance import MaintenancePlanned
from actors.model.order import Fill, LocalStatus, Order, OrderRequest, OrderType, Side
from actors.model.position import FLAT
from actors.model.result import RejectReason
from actors.orders.messages import AdoptPosition, DriftFound, ExecutionRepeated, FillBooked, OrderUpdated
from actors.protection.messages import StopSeen, Unprotected
from actors.ratelimiter.messages import AddressBanned
from actors.reconciler.messages import (
    LookUpOutcome,
    LookUpReport,
    ReconcileCause,
    ReconcileFailed,
    ReconcileReport,
    ReconcileVerdict,
    RunSummary,
)
from actors.safety.messages import TradingState, TradingStateChanged
from actors.strategy.messages import CardPaused, Decided, Facts, LeaderLate
from actors.websocket.messages import FrameUnreadable, StreamDown, StreamKind, StreamLive, StreamSilent, TopicGap
from ideacards.intents import Action, Intent, IntentMetadata
from runtime.actor import Actor
from runtime.context import Context
from runtime.drivers.simulated import SimulatedDriver
from runtime.kernel.history import TreeEvent, TreeEventKind
from runtime.kernel.kernel import Kernel
from runtime.kernel.recorder import Record
from runtime.messages import Cause, Reason, Ref
from runtime.spec import ActorSpec, SupervisorSpec
from tests.actors.builders import an_instrument

INSTRUMENTS = {"BTCUSDT": an_instrument()}
REQUEST = OrderRequest("ours", "BTCUSDT", Side.BUY, OrderType.LIMIT, Qty(5), Price(900_000))
FILL = Fill("x1", "o7", "ours", "BTCUSDT", Side.BUY, Price(900_000), Qty(5), Money(10**6), False, 61_000)
RUN = RunSummary(ReconcileCause.GAP, "a frame could not be read", 4, 1, 2, ("ours",), ("h1",))


def order(status: LocalStatus, **changes: Any) -> OrderUpdated:
    return OrderUpdated(Order(REQUEST, "card", "b", status, 60_000, **changes))


CASES: list[tuple[Any, Lv, str]] = [
    (SubmitOrder(REQUEST), Lv.INFO, "order.sent link_id=ours symbol=BTCUSDT side=buy type=limit qty="),
    (AmendOrder("BTCUSDT", "ours"), Lv.INFO, "amend.sent link_id=ours symbol=BTCUSDT"),
    (CancelOrder("BTCUSDT", "ours"), Lv.INFO, "cancel.sent link_id=ours symbol=BTCUSDT"),
    (SetTradingStop("BTCUSDT", Price(800_000), None), Lv.INFO, "levels.sent symbol=BTCUSDT stop_loss="),
    (order(LocalStatus.ACKED), Lv.INFO, "order.accepted link_id=ours card=card block=b symbol=BTCUSDT"),
    (order(LocalStatus.REJECTED, code=110007, reason="too little"), Lv.WARNING,
     'order.rejected link_id=ours card=card block=b symbol=BTCUSDT code=110007 cause="too little"'),
    (order(LocalStatus.UNKNOWN, reason="no answer", attempts=2), Lv.WARNING,
     'order.unknown link_id=ours card=card block=b symbol=BTCUSDT attempts=2 cause="no answer"'),
    (order(LocalStatus.FILLED, filled_qty=Qty(5)), Lv.INFO, "order.filled link_id=ours card=card block=b symbol="),
    (order(LocalStatus.CANCELLED), Lv.INFO, "order.cancelled"),
    (FillBooked(FILL, "card", "b"), Lv.INFO, "fill exec_id=x1 link_id=ours order_id=o7 card=card symbol=BTCUSDT"),
    (Decided(Intent(Action.EXIT, "card", "b", 60_000, IntentMetadata()), Facts(Price(1), Money(1), FLAT)), Lv.INFO,
     "intent card=card block=b action=exit"),
    (CardPaused("card", True, "news"), Lv.WARNING, "card.paused card=card cause=news"),
    (LeaderLate("card", "ETHUSDT", 60_000), Lv.WARNING, "leader.late card=card symbol=ETHUSDT closes_ms=60000"),
    (IntentRefused("card", "b", 60_000, "exit", RejectReason.HALTED, "why so"), Lv.WARNING,
     'intent.refused card=card block=b action=exit refusal=HALTED cause="why so"'),
    (ReconcileReport("BTCUSDT", RUN, ReconcileVerdict.QUARANTINED, 1, 2, "they differ"), Lv.ERROR,
     'reconciled symbol=BTCUSDT verdict=quarantined because=gap reason="a frame could not be read" questions=4 '
     'orders=1 executions=2 booked=1 moved=2 looked_up=ours foreign=h1 cause="they differ"'),
    (ReconcileReport("BTCUSDT", RunSummary(), ReconcileVerdict.AGREES), Lv.INFO,
     "reconciled symbol=BTCUSDT verdict=agrees"),
    (ReconcileFailed(ReconcileCause.TIMER, "no answer", 3), Lv.WARNING,
     'reconcile.failed because=timer failures=3 cause="no answer"'),
    (LookUpReport("BTCUSDT", "ours", LookUpOutcome.NEVER_ARRIVED), Lv.WARNING,
     'order.looked_up link_id=ours symbol=BTCUSDT outcome="never arrived"'),
    (DriftFound("BTCUSDT", "they differ"), Lv.WARNING, 'drift symbol=BTCUSDT cause="they differ"'),
    (AdoptPosition("BTCUSDT"), Lv.WARNING, "operator.adopts symbol=BTCUSDT"),
    (StopSeen("BTCUSDT", False, 1), Lv.WARNING, "stop.missing symbol=BTCUSDT"),
    (Unprotected("BTCUSDT", "it was rejected"), Lv.ERROR, 'position.unprotected symbol=BTCUSDT cause="it was'),
    (TradingStateChanged(TradingState.REDUCING, "loss limit reached"), Lv.ERROR,
     'trading_state state=reducing cause="loss limit reached"'),
    (TradingStateChanged(TradingState.ACTIVE, ""), Lv.INFO, "trading_state state=active"),
    (AddressBanned(600 * 10**9), Lv.ERROR, "address.banned seconds=600 cause=\"HTTP 403 'access too frequent'\""),
    (Synchronised(), Lv.INFO, "clock.synchronised"),
    (Unsynchronised("it stepped"), Lv.ERROR, 'clock.unsynchronised cause="it stepped"'),
    (TimestampRefused(), Lv.WARNING, 'clock.timestamp_refused cause="code 10002"'),
    (StreamLive(StreamKind.PRIVATE), Lv.INFO, "stream.live stream=private"),
    (StreamDown(StreamKind.PUBLIC, "no frame"), Lv.WARNING, 'stream.down stream=public cause="no frame"'),
    (FrameUnreadable(StreamKind.PUBLIC, "not JSON", '{"sign":"deadbeef"'), Lv.WARNING,
     'stream.unreadable stream=public cause="not JSON"'),
    (
        StreamSilent(StreamKind.PRIVATE, "it has told nothing of cf1"),
        Lv.WARNING,
        'stream.silent stream=private cause="it has told nothing of cf1"',
    ),
    (
        ExecutionRepeated("e1", "BTCUSDT"),
        Lv.INFO,
        'fill.repeated exec_id=e1 symbol=BTCUSDT cause="the stream has told it again"',
    ),
    (TopicGap(StreamKind.PUBLIC, "kline.1"), Lv.WARNING, "stream.gap stream=public topic=kline.1"),
    (
        PlanNoted(MaintenancePlanned("m1", 0, 90_000)),
        Lv.WARNING,
        "maintenance.planned id=m1 begins=1970-01-01T00:00:00Z ends=1970-01-01T00:01:30Z",
    ),
    (MaintenanceUnknown("10016 Server error."), Lv.WARNING, 'maintenance.unknown cause="10016 Server error."'),
    (PlanDropped("m1"), Lv.INFO, "maintenance.over id=m1"),
    (BarRefused("BTCUSDT", 60_000, "it came before"), Lv.WARNING,
     'bar.refused symbol=BTCUSDT opens_ms=60000 cause="it came before"'),
]  # fmt: skip


@pytest.mark.parametrize(("message", "level", "text"), CASES, ids=lambda value: type(value).__name__)
def test_an_event_has_its_line(message: Any, level: Lv, text: str) -> None:
    line = line_of(Record(0, message), INSTRUMENTS)
    assert line is not None
    assert (line.level, line.text.startswith(text)) == (level, True), line.text
    assert "deadbeef" not in line.text


def test_every_logged_class_is_tried_and_others_have_no_line() -> None:
    assert {type(message) for message, _, _ in CASES} == set(LOGGED)
    assert line_of(Record(0, StopSeen("BTCUSDT", True, 1)), INSTRUMENTS) is None
    assert line_of(Record(0, "anything"), INSTRUMENTS) is None


def test_a_message_that_died_on_its_way_is_an_error() -> None:
    line = line_of(Record(0, SubmitOrder(REQUEST), "crash"), INSTRUMENTS)
    assert line is not None
    assert (line.level, line.text) == (Lv.ERROR, "message.lost kind=SubmitOrder cause=crash")


def event(kind: TreeEventKind, life: int = 2, reason: str = "", error: str = "") -> TreeEvent:
    return TreeEvent(0, kind, Ref("ledger/orders"), life, reason, error)


@pytest.mark.parametrize(
    ("told", "text"),
    [
        (event(TreeEventKind.STARTED), "actor.restarted actor=ledger/orders life=2"),
        (event(TreeEventKind.STARTED, 1), None),
        (event(TreeEventKind.DOWN, 1, "error", "ValueError"),
         'actor.died actor=ledger/orders life=1 reason=error error=ValueError cause="a bug"'),
        (event(TreeEventKind.DOWN, 1, "shutdown"), None),
        (event(TreeEventKind.START_FAILED, 1, "", "NetworkError"),
         'actor.start_failed actor=ledger/orders error=NetworkError cause="a bug"'),
        (event(TreeEventKind.GAVE_UP, 1), 'supervisor.gave_up actor=ledger/orders cause="a bug"'),
        (event(TreeEventKind.STOP, 1), None),
    ],
)  # fmt: skip
def test_deaths_and_restarts_have_lines(told: TreeEvent, text: str | None) -> None:
    line = tree_line(told, Cause(Ref("ledger/orders"), 1, Reason.ERROR, "ValueError", "a bug"))
    assert (line.text if line is not None else None) == text


class Noting(Actor):
    """Notes what it is told, and dies at None."""

    def receive(self, message: Any, ctx: Context) -> None:
        if message is None:
            raise ValueError("planted")
        ctx.note(message)


def a_kernel() -> Kernel:
    recorder = decision_recorder(INSTRUMENTS, {"card": "BTCUSDT"}, LOGGED)
    kernel = Kernel(SupervisorSpec("root", children=(ActorSpec("noting", Noting),)), recorder)
    kernel.read_wall(1_764_402_010_123 * 10**6)
    SimulatedDriver(kernel).start()
    return kernel


def tell(kernel: Kernel, *messages: Any) -> None:
    for message in messages:
        kernel.tell(Ref("noting"), message)
        kernel.pump()


def test_a_tail_logs_each_record_once_in_order_with_the_venues_time() -> None:
    kernel, out = a_kernel(), io.StringIO()
    tail, log = LogTail(kernel, INSTRUMENTS), open_log_sink(out)
    tell(kernel, DriftFound("BTCUSDT", "one"), StreamLive(StreamKind.PUBLIC), StreamLive(StreamKind.PUBLIC))
    assert tail.drain(log) == 2, "what several actors are told is one line"
    tell(kernel, None, DriftFound("BTCUSDT", "two"))
    assert tail.drain(log) == 3
    assert tail.drain(log) == 0
    lines = out.getvalue().splitlines()
    assert lines[0] == "2025-11-29T07:40:10.123+00:00 WARNING  drift symbol=BTCUSDT cause=one"
    assert [line.split()[2] for line in lines] == ["drift", "stream.live", "actor.died", "actor.restarted", "drift"]
    assert "error=ValueError cause=planted" in lines[2]


def test_a_tail_may_forget_what_it_has_logged_and_loses_no_line() -> None:
    kernel = a_kernel()
    tail, log = LogTail(kernel, INSTRUMENTS, keep=3), open_log_sink(io.StringIO())
    count = 0
    for number in range(20):
        tell(kernel, DriftFound("BTCUSDT", str(number)))
        count += tail.drain(log)
        assert len(kernel.recorder.stream) <= 6
    assert count == 20


def test_a_line_of_json_has_its_fields() -> None:
    kernel, out = a_kernel(), io.StringIO()
    tail = LogTail(kernel, INSTRUMENTS)
    tell(kernel, order(LocalStatus.REJECTED, code=110007, reason="too {little}"))
    tail.drain(open_log_sink(out, is_json=True))
    record = json.loads(out.getvalue())["record"]
    assert record["extra"]["code"] == 110007
    assert (record["extra"]["event"], record["extra"]["cause"]) == ("order.rejected", "too {little}")
    assert record["level"]["name"] == "WARNING"


def test_lines_below_the_level_are_left_out() -> None:
    kernel, out = a_kernel(), io.StringIO()
    tell(kernel, StreamLive(StreamKind.PUBLIC), DriftFound("BTCUSDT", "x"))
    LogTail(kernel, INSTRUMENTS).drain(open_log_sink(out, Lv.WARNING))
    assert [line.split()[2] for line in out.getvalue().splitlines()] == ["drift"]


def test_what_is_recorded_for_the_log_changes_no_digest() -> None:
    plain = decision_recorder(INSTRUMENTS, {"card": "BTCUSDT"})
    logged = decision_recorder(INSTRUMENTS, {"card": "BTCUSDT"}, LOGGED)
    for recorder in (plain, logged):
        recorder.stream.append(Record(5, order(LocalStatus.ACKED)))
    logged.stream.append(Record(6, SubmitOrder(REQUEST)))
    assert plain.digest() == logged.digest()
