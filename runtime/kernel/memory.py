"""What actors are to know after a restart: the last state of every key, by topic, and each change on the journal.

It forgets only what it is told to forget: whoever remembers under ever new keys names those that it needs no longer.
"""

from collections.abc import Mapping
from typing import Any

from runtime.kernel.clock import KernelClock
from runtime.kernel.journaling import JournalTap
from runtime.kernel.operations import Keep

__all__ = ["Memory"]


class Memory:
    """`recalled` is what an earlier run has left, by topic and key."""

    def __init__(
        self, clock: KernelClock, journal: JournalTap, recalled: Mapping[str, Mapping[str, object]] | None = None
    ) -> None:
        self._clock = clock
        self._journal = journal
        self._topics: dict[str, dict[str, object]] = {topic: dict(keys) for topic, keys in (recalled or {}).items()}

    def keep(self, asked: Keep) -> None:
        """A handler has returned: newest state wins, and a key that is to be forgotten goes with it."""
        cell, sink = asked.cell, self._journal.sink
        for memory in asked.memories:
            topic = self._topics.get(memory.topic)
            if topic is None:
                topic = self._topics[memory.topic] = {}
            topic[memory.key] = memory.value
            if memory.forget:
                topic.pop(memory.forget, None)
            if sink is not None:
                sink.record("memory", self._clock.now, (cell.ref, cell.incarnation, memory))

    def of(self, topic: str) -> tuple[tuple[str, Any], ...]:
        """Last known states of a topic, in the order in which their keys first appeared."""
        return tuple(self._topics.get(topic, {}).items())
