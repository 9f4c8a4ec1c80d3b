"""Heeds what the venue announces: entries pause first, then the streams close, and all come back when it is over.

The status stream tells changes and no state, so what is planned is read by REST as well: whenever that stream goes
live, and from time to time. It stands below the streams in the tree: when one of them restarts, so does this actor, and
tells it again what is planned.
"""

import attrs

from actors.maintenance.messages import (
    LookDue,
    MaintenanceUnknown,
    PlanDropped,
    PlanNoted,
    PlansDue,
    ReadPlans,
    VenueClosing,
    VenueOpen,
)
from actors.model.backend import NeverSent, Unanswered
from actors.model.maintenance import (
    MaintenanceOver,
    MaintenancePlanned,
    MaintenancePlans,
    MaintenanceQuery,
    PlannedMaintenance,
)
from runtime.actor import STARTED, Actor, StartResult, handles
from runtime.context import Context
from runtime.messages import AskFailed, Down, Ref, Up

__all__ = ["MaintenancePolicy", "MaintenanceWatch", "MaintenanceWiring"]

_NS_PER_MS = 1_000_000
_SECOND_NS = 1_000_000_000
_TIMEOUT_NS = 30 * _SECOND_NS


@attrs.frozen
class MaintenanceWiring:
    """`port` answers what is planned; `streams` close for it, `safety` pauses entries."""

    port: Ref
    streams: tuple[Ref, ...]
    safety: Ref


@attrs.frozen
class MaintenancePolicy:
    """Entries pause `pause_ms` before a window, streams close `close_ms` before it: the venue's clock is not exact.

    The venue is asked every `look_ns` at least; `retry_ns` after the start, and after a question without an answer.
    """

    pause_ms: int = 120_000
    close_ms: int = 1_000
    look_ns: int = 900 * _SECOND_NS
    retry_ns: int = 30 * _SECOND_NS


class MaintenanceWatch(Actor):
    """Its start waits for nothing: a venue that does not say what it has planned can be traded on."""

    def __init__(self, wiring: MaintenanceWiring, policy: MaintenancePolicy) -> None:
        self._to = wiring
        self._policy = policy
        self._plans = MaintenancePlans()
        self._told: VenueClosing | VenueOpen = VenueOpen()
        self._is_asking = False
        self._is_unknown = False

    def start(self, ctx: Context) -> StartResult:
        ctx.watch(self._to.safety)
        ctx.after(self._policy.retry_ns, LookDue(), "look")
        if ctx.incarnation > 1:
            ctx.send(self._to.safety, self._told)  # the last life may have told another state
        return STARTED

    @handles(ReadPlans, LookDue)
    def look(self, message: ReadPlans | LookDue, ctx: Context) -> None:
        """Whatever was announced before the status stream went live has not been heard; and it may be silent."""
        ctx.after(self._policy.look_ns, LookDue(), "look")
        if not self._is_asking:
            self._is_asking = True
            ctx.ask(self._to.port, MaintenanceQuery(), _TIMEOUT_NS)

    @handles(PlannedMaintenance)
    def looked(self, message: PlannedMaintenance, ctx: Context) -> None:
        """All that is planned now: what is not among it is over."""
        self._is_asking = self._is_unknown = False
        planned = {plan.id for plan in message.plans}
        for plan_id in self._plans.ids:
            if plan_id not in planned:
                self._drop(plan_id, ctx)
        for plan in message.plans:
            self._add(plan, ctx)
        self._heed(ctx)

    @handles(MaintenancePlanned, MaintenanceOver)
    def announced(self, message: MaintenancePlanned | MaintenanceOver, ctx: Context) -> None:
        """A plan, its change or its end, from the status stream."""
        if isinstance(message, MaintenancePlanned):
            self._add(message, ctx)
        else:
            self._drop(message.id, ctx)
        self._heed(ctx)

    @handles(NeverSent, Unanswered, AskFailed)
    def unanswered(self, message: NeverSent | Unanswered | AskFailed, ctx: Context) -> None:
        """Trade on without knowing, say so once, and ask again."""
        self._is_asking = False
        why = str(message.cause) if isinstance(message, AskFailed) else message.reason
        if not self._is_unknown:
            self._is_unknown = True
            ctx.note(MaintenanceUnknown(why))
        ctx.after(self._policy.retry_ns, LookDue(), "look")

    @handles(PlansDue)
    def plans_due(self, message: PlansDue, ctx: Context) -> None:
        """A window comes near, or is over."""
        self._heed(ctx)

    @handles(Up)
    def safety_up(self, message: Up, ctx: Context) -> None:
        """A new life of safety knows of no maintenance."""
        if isinstance(self._told, VenueClosing):
            ctx.send(self._to.safety, self._told)

    @handles(Down)
    def safety_down(self, message: Down, ctx: Context) -> None:
        """Nothing to do: Up follows, or the tree stops."""

    def _add(self, plan: MaintenancePlanned, ctx: Context) -> None:
        if plan.end_ms <= ctx.wall // _NS_PER_MS or not self._plans.add(plan):
            return
        ctx.note(PlanNoted(plan))
        if plan.closes_streams:
            early = MaintenancePlanned(plan.id, plan.begin_ms - self._policy.close_ms, plan.end_ms)
            self._tell_streams(early, ctx)
        else:
            self._tell_streams(MaintenanceOver(plan.id), ctx)  # an earlier version of it may have closed them

    def _drop(self, plan_id: str, ctx: Context) -> None:
        if self._plans.drop(plan_id):
            ctx.note(PlanDropped(plan_id))
            self._tell_streams(MaintenanceOver(plan_id), ctx)

    def _tell_streams(self, message: MaintenancePlanned | MaintenanceOver, ctx: Context) -> None:
        for stream in self._to.streams:
            ctx.send(stream, message)

    def _heed(self, ctx: Context) -> None:
        """Tell safety whether the venue is closing, and look again when that changes."""
        now_ms = ctx.wall // _NS_PER_MS
        known, pending = self._plans.ids, {plan.id for plan in self._plans.pending(now_ms)}
        for plan_id in known:
            if plan_id not in pending:
                ctx.note(PlanDropped(plan_id))
        plan = self._plans.next(now_ms)
        state: VenueClosing | VenueOpen = VenueOpen()
        if plan is None:
            ctx.cancel("plans")
        else:
            is_near = plan.begin_ms - self._policy.pause_ms <= now_ms
            if is_near:
                state = VenueClosing(f"planned maintenance from {plan.begin_text} to {plan.end_text}")
            due_ms = plan.end_ms if is_near else plan.begin_ms - self._policy.pause_ms
            ctx.after(due_ms * _NS_PER_MS - ctx.wall, PlansDue(), "plans")
        if state != self._told:
            self._told = state
            ctx.send(self._to.safety, state)
