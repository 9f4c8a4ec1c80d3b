"""Tells what the tree remembers: the last state of every key, by topic. Its death is the run's.

What is to be remembered does not come here: `ctx.remember` writes it down as the handler returns, so that it is on the
journal before anything that the handler sent is heard. Here is who answers when a new life asks what was known.
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
