"""The children of one supervisor in start order; finding, adding, removing and choosing one costs at most O(log n).

Two heaps of positions give the next child to stop and the next one to start. A position is a child's number in start
order and is never used twice, so an outdated entry is recognised and dropped when it comes up.
"""

from collections.abc import Iterator
from heapq import heappop, heappush
from typing import Any

import attrs

from runtime.spec import ActorSpec, ChildSpec
from runtime.supervision.management import Call
from runtime.supervision.node import Node
from runtime.supervision.restarts import Streak

__all__ = ["Child", "Children"]


@attrs.define(eq=False)
class Child:
    """One child: its spec, its cell or supervisor, and whether it must stop or start.

    `is_held`: due, but its group's backoff is not over; `waits`: that backoff is its own. `call` is the management call
    that waits for this child.
    """

    spec: ChildSpec
    node: Node
    streak: Streak
    position: int = 0
    is_alive: bool = False
    must_stop: bool = False
    is_stopping: bool = False
    is_due: bool = False
    is_held: bool = False
    waits: bool = False
    call: Call | None = None

    def answer(self, result: Any) -> None:
        """Answer the call that waits for this child, if there is one."""
        call, self.call = self.call, None
        if call is not None:
            call.answer(result)


class Children:
    """Iterates in start order; with `first_stops_first` children stop in that order too instead of in reverse."""

    def __init__(self, *, first_stops_first: bool) -> None:
        self._by_id: dict[str, Child] = {}
        self._by_position: dict[int, Child] = {}
        self._sign = 1 if first_stops_first else -1
        self._last_position = 0
        self._to_stop: list[int] = []
        self._to_start: list[int] = []
        self.alive = 0
        self.due = 0
        self.workers = 0

    def __iter__(self) -> Iterator[Child]:
        return iter(self._by_position.values())

    def __reversed__(self) -> Iterator[Child]:
        return reversed(self._by_position.values())

    def __len__(self) -> int:
        return len(self._by_position)

    def get(self, child_id: object) -> Child | None:
        """The child of that id, or None."""
        return self._by_id.get(child_id) if isinstance(child_id, str) else None

    def of(self, node: Node) -> Child:
        """The child whose cell or supervisor is `node`."""
        child = self._by_id[node.spec.id]
        assert child.node is node, f"{node.ref} is no child here any more"
        return child

    def since(self, child: Child) -> list[Child]:
        """The child and those after it, in start order."""
        found = []
        for other in reversed(self._by_position.values()):
            found.append(other)
            if other is child:
                break
        return found[::-1]

    def add(self, child: Child) -> None:
        """Add a child, last in start order."""
        self._last_position += 1
        child.position = self._last_position
        self._by_position[child.position] = self._by_id[child.spec.id] = child
        self.workers += isinstance(child.spec, ActorSpec)

    def remove(self, child: Child) -> None:
        """Remove a child for good."""
        del self._by_position[child.position], self._by_id[child.spec.id]
        self.workers -= isinstance(child.spec, ActorSpec)
        self.not_due(child)

    # -- what is to be done -------------------------------------------------------------------------------------

    def begins(self, child: Child) -> None:
        """Mark that the child's life begins."""
        self.not_due(child)
        self.alive += not child.is_alive
        child.is_alive = True

    def ends(self, child: Child) -> None:
        """Mark that the child is down and need not be stopped."""
        self.alive -= child.is_alive
        child.is_alive = child.must_stop = child.is_stopping = False

    def must_stop(self, child: Child) -> None:
        """Mark that the child must stop."""
        child.must_stop = True
        heappush(self._to_stop, self._sign * child.position)

    def is_due(self, child: Child, *, is_held: bool = False) -> None:
        """Mark that the child must start, now or when it is no longer held."""
        self.due += not child.is_due
        child.is_due = True
        child.is_held = is_held
        if not is_held:
            heappush(self._to_start, child.position)

    def not_due(self, child: Child) -> None:
        """Mark that the child need not start."""
        self.due -= child.is_due
        child.is_due = False

    def release(self, child: Child) -> None:
        """Mark that no backoff holds the child."""
        if child.is_held and child.is_due:
            heappush(self._to_start, child.position)
        child.is_held = False

    def next_to_stop(self) -> Child | None:
        """The next child to stop, or None."""
        heap = self._to_stop
        while heap:
            child = self._by_position.get(self._sign * heap[0])
            if child is not None and child.must_stop and not child.is_stopping:
                return child
            heappop(heap)
        return None

    def next_to_start(self) -> Child | None:
        """The next child to start, or None."""
        heap = self._to_start
        while heap:
            child = self._by_position.get(heap[0])
            if child is not None and child.is_due and not child.is_held:
                return child
            heappop(heap)
        return None
