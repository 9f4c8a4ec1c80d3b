"""Keeps the last known state of every key, by topic. Its death is the run's: without memory no restart is safe.

It forgets only what it is told to forget: whoever remembers under ever new keys names those that it needs no longer.
"""

from collections.abc import Mapping

from runtime.actor import Actor, handles
from runtime.context import Context
from runtime.journal.messages import Recall, Recalled, Remember, RememberAll

__all__ = ["MEMORY", "JournalActor"]

MEMORY = "memory"


class JournalActor(Actor):
    """`port`: the kernel's port of that name writes each memory to the journal; None keeps them in this process alone.

    `recalled` is what an earlier run has left, by topic and key. A restart of this actor would forget, so its spec says
    `restart: fatal`.
    """

    def __init__(self, port: str | None = None, recalled: Mapping[str, Mapping[str, object]] | None = None) -> None:
        self._port = port
        self._topics: dict[str, dict[str, object]] = {topic: dict(keys) for topic, keys in (recalled or {}).items()}

    @handles(Remember)
    def remember(self, message: Remember, ctx: Context) -> None:
        """Newest state wins; a key that is to be forgotten goes with it."""
        topic = self._topics.get(message.topic)
        if topic is None:
            topic = self._topics[message.topic] = {}
        topic[message.key] = message.value
        if message.forget:
            topic.pop(message.forget, None)
        if self._port is not None:
            ctx.effect(self._port, message)

    @handles(RememberAll)
    def remember_all(self, message: RememberAll, ctx: Context) -> None:
        """One after another."""
        for memory in message.memories:
            self.remember(memory, ctx)

    @handles(Recall)
    def recall(self, message: Recall, ctx: Context) -> None:
        """Answer with everything of the topic."""
        ctx.reply(Recalled(message.topic, tuple(self._topics.get(message.topic, {}).items())))
