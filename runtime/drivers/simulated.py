"""Virtual time: a bare loop. Messages until the queue is empty, then what is timed, then the world's next event.

The world (a market) is not timed but pulled: it computes its next event only after everybody has reacted to the last.
The run ends when the world has no further event and nothing is queued; timers later than that do not fire.
"""

from collections.abc import Callable
from typing import Protocol

from runtime.errors import Stalled
from runtime.kernel import Kernel
from runtime.lifecycle import Outcome
from runtime.messages import Message, Ref
from runtime.supervisor import Phase

__all__ = ["SimulatedDriver", "World"]


class World(Protocol):
    """Where events come from; `pull` is the message on which its actor performs one of them."""

    ref: Ref
    pull: Message

    def next_time(self) -> int | None:
        """Kernel time (ns) of the next event, or None at the end."""


class SimulatedDriver:
    """Drives one kernel; without a world it only serves messages and timers."""

    def __init__(self, kernel: Kernel, world: World | None = None) -> None:
        self.kernel = kernel
        self.world = world

    def start(self) -> None:
        """Start the tree and serve it until it is up or has failed; the world stands still."""
        self.kernel.life.start()
        self.serve(lambda: self.kernel.life.is_up)

    def serve(self, done: Callable[[], bool]) -> None:
        """Messages and timers, without the world, until `done` or the tree has ended; Stalled if neither can come."""
        kernel = self.kernel
        while True:
            kernel.pump()
            if done() or kernel.life.outcome is not None:
                return
            due = kernel.next_timer()
            if due is None:
                raise Stalled("nothing is queued and nothing is timed")
            kernel.now = max(kernel.now, due)
            kernel.fire_timers()

    def run(self, until_ns: int | None = None) -> None:
        """Let the world run, to its end or as long as its events are not later than `until_ns`."""
        kernel, world = self.kernel, self.world
        assert world is not None, "a driver without a world cannot run it"
        pump, next_time, data = kernel.pump, world.next_time, kernel.data
        timers, pending = kernel.timers, kernel.asks.pending
        root = kernel.life.root
        entry = (kernel.cell(world.ref), world.pull, None, 0)
        while True:
            pump()
            if root.phase is not Phase.RUNNING:
                self.serve(lambda: False)
                return
            event_ns = next_time()
            if pending or event_ns is None or timers.not_before <= event_ns:
                due = kernel.next_timer()
                if due is not None and self._is_before(due, event_ns, until_ns):
                    kernel.now = max(kernel.now, due)
                    kernel.fire_timers()
                    continue
            if event_ns is None or (until_ns is not None and event_ns > until_ns):
                break
            if event_ns > kernel.now:
                kernel.now = event_ns
            data.append(entry)
        if until_ns is not None:
            kernel.now = max(kernel.now, until_ns)

    def stop(self, reason: str) -> Outcome:
        """Stop the tree in order and return how the run ended."""
        self.kernel.life.halt(reason)
        self.serve(lambda: False)
        outcome = self.kernel.life.outcome
        assert outcome is not None
        return outcome

    def _is_before(self, due_ns: int, event_ns: int | None, until_ns: int | None) -> bool:
        """Timers go first at the same instant; after the world's last event none fires."""
        if event_ns is None:
            return until_ns is not None and due_ns <= until_ns
        limit = event_ns if until_ns is None else min(event_ns, until_ns)
        return due_ns <= limit
