"""What a run logs: a line for each event that an operator acts on, from the kernel's record and the tree's history.

Pure: a record in, a line or nothing out. Actors never log. Only the fields named here are logged, so nothing that a
message carries beside them (a frame's text, a signature) can appear.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

import attrs

from actors.clocksync.messages import Synchronised, TimestampRefused, Unsynchronised
from actors.intents.messages import IntentRefused
from actors.maintenance.messages import MaintenanceUnknown, PlanDropped, PlanNoted
from actors.marketdata.messages import BarRefused
from actors.model.backend import AmendOrder, CancelOrder, SetTradingStop, SubmitOrder
from actors.model.instrument import Instrument
from actors.model.order import LocalStatus, OrderRequest
from actors.orders.messages import AdoptPosition, DriftFound, ExecutionRepeated, FillBooked, OrderUpdated
from actors.protection.messages import StopSeen, Unprotected
from actors.ratelimiter.messages import AddressBanned
from actors.reconciler.messages import LookUpOutcome, LookUpReport, ReconcileFailed, ReconcileReport, ReconcileVerdict
from actors.safety.messages import TradingState, TradingStateChanged
from actors.strategy.messages import CardPaused, Decided, LeaderLate
from actors.websocket.messages import FrameUnreadable, StreamDown, StreamLive, StreamSilent, TopicGap
from runtime.kernel.history import TreeEvent, TreeEventKind
from runtime.kernel.recorder import Record, RecordMap
from runtime.messages import Cause

__all__ = ["LOGGED", "LogLevel", "LogLine", "line_of", "tree_line"]

_MS = 1_000_000
Instruments = Mapping[str, Instrument]
M = TypeVar("M")


class LogLevel(StrEnum):
    """loguru's own names."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"
    CRITICAL = "CRITICAL"


@attrs.frozen
class LogLine:
    """One event: what happened, and its fields in their order; those without a value are left out."""

    level: LogLevel
    event: str
    fields: Mapping[str, str | int] = attrs.field(factory=dict)

    @property
    def text(self) -> str:
        """`event key=value`; values with spaces stand in quotes."""
        return " ".join([self.event, *(f"{key}={_quoted(value)}" for key, value in self.fields.items())])


def _quoted(value: str | int) -> str:
    text = str(value).replace("\n", " ")
    return '"' + text.replace('"', "'") + '"' if " " in text or '"' in text else text


def _line(level: LogLevel, event: str, **fields: Any) -> LogLine:
    return LogLine(level, event, {key: value for key, value in fields.items() if value not in (None, "", ())})


def line_of(record: Record, instruments: Instruments) -> LogLine | None:
    """The line of a recorded message, None for one that is not logged; a message that was lost says so."""
    message = record.message
    if record.lost:
        return _line(LogLevel.ERROR, "message.lost", kind=type(message).__name__, cause=record.lost)
    write = _WRITERS.get(type(message))
    return None if write is None else write(message, instruments)


def tree_line(event: TreeEvent, cause: Cause | None) -> LogLine | None:
    """The line of a death, a restart, a failed start or a surrender; `cause` has the error's text."""
    path, text = event.path or "root", "" if cause is None else cause.text
    match event.kind:
        case TreeEventKind.DOWN if event.error or event.reason in ("killed", "error", "start_failed"):
            why = {"reason": event.reason, "error": event.error, "cause": text}
            return _line(LogLevel.ERROR, "actor.died", actor=path, life=event.incarnation, **why)
        case TreeEventKind.STARTED if event.incarnation > 1:
            return _line(LogLevel.WARNING, "actor.restarted", actor=path, life=event.incarnation)
        case TreeEventKind.START_FAILED:
            return _line(LogLevel.ERROR, "actor.start_failed", actor=path, error=event.error, cause=text)
        case TreeEventKind.GAVE_UP:
            return _line(LogLevel.CRITICAL, "supervisor.gave_up", actor=path, error=event.error, cause=text)
    return None


# -- orders -----------------------------------------------------------------------------------------------------------


def _terms(request: OrderRequest, instruments: Instruments) -> dict[str, Any]:
    known = instruments.get(request.symbol)
    if known is None:
        return {"symbol": request.symbol, "side": request.side.name.lower()}
    return {
        "symbol": request.symbol,
        "side": request.side.name.lower(),
        "type": request.type.value.lower(),
        "qty": known.qty_text(request.qty),
        "price": None if request.price is None else known.price_text(request.price),
        "trigger": None if request.trigger_price is None else known.price_text(request.trigger_price),
        "reduce_only": "yes" if request.reduce_only else None,
    }


def _sent(message: SubmitOrder, instruments: Instruments) -> LogLine:
    request = message.request
    return _line(LogLevel.INFO, "order.sent", link_id=request.link_id, **_terms(request, instruments))


def _amended(message: AmendOrder, instruments: Instruments) -> LogLine:
    return _line(LogLevel.INFO, "amend.sent", link_id=message.link_id, symbol=message.symbol)


def _withdrawn(message: CancelOrder, instruments: Instruments) -> LogLine:
    return _line(LogLevel.INFO, "cancel.sent", link_id=message.link_id, symbol=message.symbol)


def _levels_set(message: SetTradingStop, instruments: Instruments) -> LogLine:
    known = instruments.get(message.symbol)
    prices = {"stop_loss": message.stop_loss, "take_profit": message.take_profit}
    shown = {key: known.price_text(price) for key, price in prices.items() if known is not None and price is not None}
    return _line(LogLevel.INFO, "levels.sent", symbol=message.symbol, **shown)


_STATUS_EVENTS = {
    LocalStatus.ACKED: (LogLevel.INFO, "order.accepted"),
    LocalStatus.REJECTED: (LogLevel.WARNING, "order.rejected"),
    LocalStatus.UNKNOWN: (LogLevel.WARNING, "order.unknown"),
    LocalStatus.SENT: (LogLevel.WARNING, "order.unanswered"),  # told at a stop
    LocalStatus.EXPIRED: (LogLevel.WARNING, "order.expired"),
}


def _updated(message: OrderUpdated, instruments: Instruments) -> LogLine:
    order = message.order
    level, event = _STATUS_EVENTS.get(order.status, (LogLevel.INFO, f"order.{order.status.name.lower()}"))
    known = instruments.get(order.request.symbol)
    filled = known.qty_text(order.filled_qty) if known is not None and order.filled_qty else None
    return _line(
        level, event, link_id=order.request.link_id, order_id=order.order_id, card=order.card_id, block=order.block_id,
        symbol=order.request.symbol, filled=filled, attempts=order.attempts if order.attempts > 1 else None,
        code=order.code or None, cause=order.reason,
    )  # fmt: skip


def _filled(message: FillBooked, instruments: Instruments) -> LogLine:
    fill = message.fill
    known = instruments[fill.symbol]
    return _line(
        LogLevel.INFO, "fill", exec_id=fill.exec_id, link_id=fill.link_id, order_id=fill.order_id, card=message.card_id,
        symbol=fill.symbol, side=fill.side.name.lower(), qty=known.qty_text(fill.qty),
        price=known.price_text(fill.price), fee=known.money_text(fill.fee),
        kind=fill.exec_type.value, origin=fill.origin.value,
    )  # fmt: skip


def _repeated(message: ExecutionRepeated, instruments: Instruments) -> LogLine:
    cause = "the stream has told it again"
    return _line(LogLevel.INFO, "fill.repeated", exec_id=message.exec_id, symbol=message.symbol, cause=cause)


def _decided(message: Decided, instruments: Instruments) -> LogLine:
    intent = message.intent
    return _line(LogLevel.INFO, "intent", card=intent.card_id, block=intent.block_id, action=intent.action.value)


def _paused(message: CardPaused, instruments: Instruments) -> LogLine:
    event = "card.paused" if message.is_paused else "card.resumed"
    return _line(LogLevel.WARNING, event, card=message.card_id, cause=message.reason)


def _leader_late(message: LeaderLate, instruments: Instruments) -> LogLine:
    where = {"card": message.card_id, "symbol": message.symbol, "closes_ms": message.ts_close}
    return _line(LogLevel.WARNING, "leader.late", **where)


def _refused(message: IntentRefused, instruments: Instruments) -> LogLine:
    where = {"card": message.card_id, "block": message.block_id, "action": message.action}
    return _line(LogLevel.WARNING, "intent.refused", **where, refusal=message.refusal.value, cause=message.reason)


# -- the account ------------------------------------------------------------------------------------------------------

_VERDICT_LEVELS = {
    ReconcileVerdict.AGREES: LogLevel.INFO,
    ReconcileVerdict.MENDED: LogLevel.WARNING,
    ReconcileVerdict.READ_AGAIN: LogLevel.WARNING,
    ReconcileVerdict.QUARANTINED: LogLevel.ERROR,
    ReconcileVerdict.ADOPTED: LogLevel.WARNING,
}


def _reconciled(message: ReconcileReport, instruments: Instruments) -> LogLine:
    run = message.run
    return _line(
        _VERDICT_LEVELS[message.verdict], "reconciled", symbol=message.symbol, verdict=message.verdict.value,
        because=run.cause.value, reason=run.reason, questions=run.questions, orders=run.orders,
        executions=run.executions, booked=message.booked or None, moved=message.moved or None,
        looked_up=",".join(run.looked_up), foreign=",".join(run.foreign), cause=message.difference,
    )  # fmt: skip


def _not_reconciled(message: ReconcileFailed, instruments: Instruments) -> LogLine:
    because = message.cause.value
    return _line(LogLevel.WARNING, "reconcile.failed", because=because, failures=message.failures, cause=message.reason)


def _looked_up(message: LookUpReport, instruments: Instruments) -> LogLine:
    level = LogLevel.WARNING if message.outcome is LookUpOutcome.NEVER_ARRIVED else LogLevel.INFO
    return _line(
        level, "order.looked_up", link_id=message.link_id, symbol=message.symbol, outcome=message.outcome.value
    )


def _drifted(message: DriftFound, instruments: Instruments) -> LogLine:
    return _line(LogLevel.WARNING, "drift", symbol=message.symbol, cause=message.what)


def _adopted(message: AdoptPosition, instruments: Instruments) -> LogLine:
    return _line(LogLevel.WARNING, "operator.adopts", symbol=message.symbol)


def _stop_seen(message: StopSeen, instruments: Instruments) -> LogLine | None:
    return None if message.is_standing else _line(LogLevel.WARNING, "stop.missing", symbol=message.symbol)


def _unprotected(message: Unprotected, instruments: Instruments) -> LogLine:
    return _line(LogLevel.ERROR, "position.unprotected", symbol=message.symbol, cause=message.reason)


def _state_changed(message: TradingStateChanged, instruments: Instruments) -> LogLine:
    level = LogLevel.INFO if message.state is TradingState.ACTIVE else LogLevel.ERROR
    return _line(level, "trading_state", state=message.state.value, cause=message.reason)


# -- the connection ---------------------------------------------------------------------------------------------------


def _banned(message: AddressBanned, instruments: Instruments) -> LogLine:
    cause = 'HTTP 403 "access too frequent"'
    return _line(LogLevel.ERROR, "address.banned", seconds=-(-message.for_ns // 10**9), cause=cause)


def _clock_known(message: Synchronised, instruments: Instruments) -> LogLine:
    return _line(LogLevel.INFO, "clock.synchronised")


def _clock_alarm(message: Unsynchronised, instruments: Instruments) -> LogLine:
    return _line(LogLevel.ERROR, "clock.unsynchronised", cause=message.reason)


def _stamp_refused(message: TimestampRefused, instruments: Instruments) -> LogLine:
    return _line(LogLevel.WARNING, "clock.timestamp_refused", cause="code 10002")


def _stream_live(message: StreamLive, instruments: Instruments) -> LogLine:
    return _line(LogLevel.INFO, "stream.live", stream=message.kind.value)


def _stream_down(message: StreamDown, instruments: Instruments) -> LogLine:
    return _line(LogLevel.WARNING, "stream.down", stream=message.kind.value, cause=message.reason)


def _unreadable(message: FrameUnreadable, instruments: Instruments) -> LogLine:
    return _line(LogLevel.WARNING, "stream.unreadable", stream=message.kind.value, cause=message.reason)


def _silent(message: StreamSilent, instruments: Instruments) -> LogLine:
    return _line(LogLevel.WARNING, "stream.silent", stream=message.kind.value, cause=message.reason)


def _gap(message: TopicGap, instruments: Instruments) -> LogLine:
    return _line(LogLevel.WARNING, "stream.gap", stream=message.kind.value, topic=message.topic)


def _maintenance(message: PlanNoted, instruments: Instruments) -> LogLine:
    plan = message.plan
    times = {"begins": plan.begin_text, "ends": plan.end_text}
    return _line(LogLevel.WARNING, "maintenance.planned", id=plan.id, **times)


def _maintained(message: PlanDropped, instruments: Instruments) -> LogLine:
    return _line(LogLevel.INFO, "maintenance.over", id=message.id)


def _plans_unknown(message: MaintenanceUnknown, instruments: Instruments) -> LogLine:
    return _line(LogLevel.WARNING, "maintenance.unknown", cause=message.reason)


def _bar_refused(message: BarRefused, instruments: Instruments) -> LogLine:
    return _line(LogLevel.WARNING, "bar.refused", symbol=message.symbol, opens_ms=message.ts_open, cause=message.what)


_WRITERS: dict[type, Callable[[Any, Instruments], LogLine | None]] = {
    SubmitOrder: _sent,
    AmendOrder: _amended,
    CancelOrder: _withdrawn,
    SetTradingStop: _levels_set,
    OrderUpdated: _updated,
    FillBooked: _filled,
    ExecutionRepeated: _repeated,
    Decided: _decided,
    CardPaused: _paused,
    LeaderLate: _leader_late,
    IntentRefused: _refused,
    ReconcileReport: _reconciled,
    ReconcileFailed: _not_reconciled,
    LookUpReport: _looked_up,
    DriftFound: _drifted,
    AdoptPosition: _adopted,
    StopSeen: _stop_seen,
    Unprotected: _unprotected,
    TradingStateChanged: _state_changed,
    AddressBanned: _banned,
    Synchronised: _clock_known,
    Unsynchronised: _clock_alarm,
    TimestampRefused: _stamp_refused,
    StreamLive: _stream_live,
    StreamDown: _stream_down,
    FrameUnreadable: _unreadable,
    TopicGap: _gap,
    StreamSilent: _silent,
    PlanNoted: _maintenance,
    PlanDropped: _maintained,
    MaintenanceUnknown: _plans_unknown,
    BarRefused: _bar_refused,
}

LOGGED: RecordMap = dict.fromkeys(_WRITERS)
"""The classes that a recorder has to keep, beside those of the digest, for all of this to be logged."""
