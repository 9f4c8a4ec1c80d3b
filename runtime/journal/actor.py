"""Returns what actors have remembered: the last state of every key, by topic. Its death ends the run.

Actors remember state by `ctx.remember`, which writes it to the journal when the handler returns, before anything the
handler sent is handled. This actor only answers a new life that asks for it.
"""

from runtime.actor import Actor, handles
from runtime.context import Context
from runtime.journal.messages import Recall, Recalled

__all__ = ["JournalActor"]


class JournalActor(Actor):
    """Answers from the kernel's memory. Without it no restart is safe, so its spec says `restart: fatal`."""

    @handles(Recall)
    def recall(self, message: Recall, ctx: Context) -> None:
        """Answer with everything of the topic."""
        ctx.reply(Recalled(message.topic, ctx.recall(message.topic)))
