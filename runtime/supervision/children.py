"""The children of one supervisor in start order, each found, added, taken out and chosen in O(log n) at most.

Who must stop next and who is to start next is read from two heaps of places. A place is a child's number in start
order; it is never given twice, so an entry that no longer holds is recognised when it comes up, and thrown away then.
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
    """One child: its spec, the cell or supervisor in its place, and what is to be done with it.

    `is_held`: due, but a backoff of its group is not over; `waits`: that backoff is its own. `call` waits for its end.
    """

    spec: ChildSpec
    node: Node
    streak: Streak
    place: int = 0
    is_alive: bool = False
    must_stop: bool = False
    is_stopping: bool = False
    is_due: bool = False
    is_held: bool = False
    waits: bool = False
    call: Call | None = None

    def answer(self, result: Any) -> None:
        """Answer the call that waits for this child, if one does."""
        call, self.call = self.call, None
        if call is not None:
            call.answer(result)


class Children:
    """Iterates in start order; `first_stops_first` where children stop in that order too, and not in reverse."""

    def __init__(self, *, first_stops_first: bool) -> None:
        self._by_id: dict[str, Child] = {}
        self._by_place: dict[int, Child] = {}
        self._sign = 1 if first_stops_first else -1
        self._last_place = 0
        self._to_stop: list[int] = []
        self._to_start: list[int] = []
        self.alive = 0
        self.due = 0
        self.workers = 0

    def __iter__(self) -> Iterator[Child]:
        return iter(self._by_place.values())

    def __reversed__(self) -> Iterator[Child]:
        return reversed(self._by_place.values())

    def __len__(self) -> int:
        return len(self._by_place)

    def get(self, child_id: object) -> Child | None:
        """The child of that id, or None."""
        return self._by_id.get(child_id) if isinstance(child_id, str) else None

    def of(self, node: Node) -> Child:
        """The child in whose place `node` stands."""
        child = self._by_id[node.spec.id]
        assert child.node is node, f"{node.ref} is no child here any more"
        return child

    def since(self, child: Child) -> list[Child]:
        """It and those after it, in start order."""
        found = []
        for other in reversed(self._by_place.values()):
            found.append(other)
            if other is child:
                break
        return found[::-1]

    def add(self, child: Child) -> None:
        """One more, last in start order."""
        self._last_place += 1
        child.place = self._last_place
        self._by_place[child.place] = self._by_id[child.spec.id] = child
        self.workers += isinstance(child.spec, ActorSpec)

    def remove(self, child: Child) -> None:
        """It is gone for good."""
        del self._by_place[child.place], self._by_id[child.spec.id]
        self.workers -= isinstance(child.spec, ActorSpec)
        self.not_due(child)

    # -- what is to be done -------------------------------------------------------------------------------------

    def begins(self, child: Child) -> None:
        """A life begins in its place."""
        self.not_due(child)
        self.alive += not child.is_alive
        child.is_alive = True

    def ends(self, child: Child) -> None:
        """Nobody lives in its place any more, and nobody there is to be stopped."""
        self.alive -= child.is_alive
        child.is_alive = child.must_stop = child.is_stopping = False

    def must_stop(self, child: Child) -> None:
        """It is to be stopped."""
        child.must_stop = True
        heappush(self._to_stop, self._sign * child.place)

    def is_due(self, child: Child, *, is_held: bool = False) -> None:
        """It is to be started, now or when it is held no more."""
        self.due += not child.is_due
        child.is_due = True
        child.is_held = is_held
        if not is_held:
            heappush(self._to_start, child.place)

    def not_due(self, child: Child) -> None:
        """It is not to be started."""
        self.due -= child.is_due
        child.is_due = False

    def release(self, child: Child) -> None:
        """No backoff holds it."""
        if child.is_held and child.is_due:
            heappush(self._to_start, child.place)
        child.is_held = False

    def next_to_stop(self) -> Child | None:
        """Whose turn it is to be stopped."""
        heap = self._to_stop
        while heap:
            child = self._by_place.get(self._sign * heap[0])
            if child is not None and child.must_stop and not child.is_stopping:
                return child
            heappop(heap)
        return None

    def next_to_start(self) -> Child | None:
        """Whose turn it is to be started."""
        heap = self._to_start
        while heap:
            child = self._by_place.get(heap[0])
            if child is not None and child.is_due and not child.is_held:
                return child
            heappop(heap)
        return None
