"""Virtual time: a bare loop. Messages until the queue is empty, then timers, then the world's next event.

The world (a market) is pulled, not timed: it computes its next event only after all actors have reacted to the last.
The run ends when the world has no further event and nothing is queued; timers later than that do not fire. Edges are
plain functions here: they emit at once, or after a delay in virtual time.
"""

import heapq
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from runtime.drivers.trap import no_clocks_in_handlers
from runtime.errors import Stalled
from runtime.kernel.envelope import Envelope
from runtime.kernel.history import Outcome
from runtime.kernel.kernel import Kernel
from runtime.kernel.ports import Effect
from runtime.kernel.timers import NEVER
from runtime.messages import Message, Ref
from runtime.supervision.management import SupervisorCalls, Verb
from runtime.supervision.supervisor import Phase

__all__ = ["EmitToTree", "GroupCommit", "ScriptedEdge", "SimulatedDriver", "World"]


class EmitToTree(Protocol):
    """How an edge answers: at once, or `delay_ns` later."""

    def __call__(self, message: Message, delay_ns: int = 0) -> None:
        """Send one result."""


ScriptedEdge = Callable[[Any, EmitToTree], None]


class World(Protocol):
    """The source of events; on the message `pull` its actor performs one of them."""

    ref: Ref
    pull: Message

    def next_time(self) -> int | None:
        """Kernel time (ns) of the next event, or None at the end."""


class GroupCommit(Protocol):
    """The part of a journal's store that this driver uses: makes everything recorded so far durable."""

    def commit(self) -> int:
        """Write and sync; returns the sequence up to which all is on disk. What it raises ends the run."""


class SimulatedDriver:
    """Drives one kernel; without a world it only serves messages, timers and edges.

    `store` is committed before the effects of a pump step leave, when some of them wait for it, and at the end.
    """

    def __init__(
        self,
        kernel: Kernel,
        world: World | None = None,
        edges: Mapping[str, ScriptedEdge] | None = None,
        store: GroupCommit | None = None,
    ) -> None:
        self.kernel = kernel
        self.world = world
        self.edges = dict(edges or {})
        self.store = store
        self._emissions: list[tuple[int, int, Effect, Message]] = []  # a heap: due, order, effect, what it emits
        self._emitted = 0

    def start(self) -> None:
        """Start the tree and serve it until it is up or has failed; the world does not move."""
        with no_clocks_in_handlers(self.kernel):
            self.kernel.start()
            self.serve(lambda: self.kernel.life.is_up)

    def serve(self, done: Callable[[], bool]) -> None:
        """Serve messages and timers, not the world, until `done` or the tree has ended; Stalled if none is pending."""
        kernel = self.kernel
        with no_clocks_in_handlers(kernel):
            while True:
                self._settle()
                if done() or kernel.life.outcome is not None:
                    return
                due = self._next_due()
                if due is None:
                    raise Stalled("nothing is queued and nothing is timed")
                self._move_to(due)

    def run_until(self, until: "int | str | Callable[[], bool]") -> None:
        """Serve up to a time (kernel ns, timers of that time included), until "idle" (nothing queued or timed), or
        until a predicate holds; the world stands still.
        """
        if callable(until):
            self.serve(until)
            return
        with no_clocks_in_handlers(self.kernel):
            self._run_until(until)

    def _run_until(self, until: int | str) -> None:
        kernel = self.kernel
        stop_ns = until if isinstance(until, int) else NEVER
        is_plain = not self.edges and kernel.journal is None
        pump, next_due, pending, life = kernel.pump, kernel.timers.next_due, kernel.asks.pending, kernel.life
        clock = kernel.clock
        while True:
            pump() if is_plain else self._settle()
            due = self._next_due() if pending or self._emissions else next_due()
            if due is None or due > stop_ns or life.outcome is not None:
                break
            if is_plain:
                clock.set(due)
                kernel.fire_timers()
            else:
                self._move_to(due)
        if isinstance(until, int):
            kernel.set_time(until)

    def run(self, until_ns: int | None = None) -> None:
        """Let the world run, to its end or as long as its events are not later than `until_ns`."""
        with no_clocks_in_handlers(self.kernel):
            self._run(until_ns)

    def _run(self, until_ns: int | None) -> None:
        kernel, world = self.kernel, self.world
        assert world is not None, "a driver without a world cannot run it"
        next_time, data, clock = world.next_time, kernel.data, kernel.clock
        settle = self._settle if self.edges or self.store is not None else kernel.pump
        timers, pending = kernel.timers, kernel.asks.pending
        root, running, journal, emissions = kernel.life.root, Phase.RUNNING, kernel.journal, self._emissions
        cell, pull = kernel.cell(world.ref), world.pull
        while True:
            settle()
            if root.phase is not running:
                self.serve(lambda: False)
                return
            event_ns = next_time()
            if pending or emissions or event_ns is None or timers.not_before <= event_ns:
                due = self._next_due()
                if due is not None and self._is_before(due, event_ns, until_ns):
                    self._move_to(due)
                    continue
            if event_ns is None or (until_ns is not None and event_ns > until_ns):
                break
            if journal is not None:
                kernel.set_time(event_ns)
                kernel.tell(world.ref, world.pull)
                continue
            clock.set(event_ns)
            data.append(Envelope(cell, pull, None, 0))
        if until_ns is not None:
            kernel.set_time(until_ns)

    def stop(self, reason: str) -> Outcome:
        """Stop the tree in order and return how the run ended."""
        self.kernel.halt(reason)
        self.serve(lambda: False)
        outcome = self.kernel.life.outcome
        assert outcome is not None
        if self.store is not None:
            self.store.commit()
        return outcome

    def supervisor(self, ref: Ref | str = "") -> SupervisorCalls:
        """Management calls to a supervisor ("" is the root), each served until its result is there."""

        def make(verb: Verb, argument: Any) -> Any:
            answers = self.kernel.outside_answers
            correlation = self.kernel.manage(Ref(ref), verb, argument)
            self.serve(lambda: correlation in answers)
            return answers.pop(correlation)

        return SupervisorCalls(make)

    # -- inside -------------------------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Serve messages and effects until there are none: effects on disk leave, and edges answer."""
        kernel = self.kernel
        kernel.pump()
        while kernel.effects or kernel.held_effects:
            if kernel.held_effects:
                assert self.store is not None, "a durable-first effect needs a store"
                kernel.durable(self.store.commit())
            while kernel.effects:
                self._perform(kernel.effects.popleft())
            kernel.pump()

    def _perform(self, effect: Effect) -> None:
        kernel = self.kernel

        def emit(message: Message, delay_ns: int = 0) -> None:
            self._emitted += 1
            heapq.heappush(self._emissions, (kernel.now + delay_ns, self._emitted, effect, message))

        try:
            self.edges[effect.port](effect.request, emit)
        except Exception as error:
            kernel.edge_failed(effect.ref, effect.incarnation, error)

    def _next_due(self) -> int | None:
        """Time of the earliest timer, ask deadline or emission, or None."""
        due = self.kernel.next_timer()
        if self._emissions and (due is None or self._emissions[0][0] < due):
            return self._emissions[0][0]
        return due

    def _move_to(self, due_ns: int) -> None:
        """Move to that time: timers fire first, then edges emit, in the order of their requests."""
        kernel = self.kernel
        kernel.set_time(due_ns)
        kernel.fire_timers()
        while self._emissions and self._emissions[0][0] <= kernel.now:
            _, _, effect, message = heapq.heappop(self._emissions)
            kernel.effect_result(effect, message)

    def _is_before(self, due_ns: int, event_ns: int | None, until_ns: int | None) -> bool:
        """Whether timers come before the world: they go first at one instant; after its last event none fires."""
        if event_ns is None:
            return until_ns is not None and due_ns <= until_ns
        limit = event_ns if until_ns is None else min(event_ns, until_ns)
        return due_ns <= limit
