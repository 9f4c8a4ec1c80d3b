"""What is said to the journal: remember this under that key, and what do you know of that topic?"""

from typing import Any

import msgspec

__all__ = ["Recall", "Recalled", "Remember", "RememberAll"]


class Remember(msgspec.Struct, frozen=True, gc=False):
    """Keep `value` as the last known state of `key`; the sender keeps no reference that it changes.

    `forget` is a key of the topic that nobody will need again: it bounds the memory of a topic with ever new keys.
    """

    topic: str
    key: str
    value: Any
    forget: str = ""


class RememberAll(msgspec.Struct, frozen=True):
    """Several at once, in their order: what one handler has to say to the journal."""

    memories: tuple[Remember, ...]


class Recall(msgspec.Struct, frozen=True, gc=False):
    """Ask for everything known of `topic`; answered by Recalled."""

    topic: str


class Recalled(msgspec.Struct, frozen=True):
    """Last known states in the order their keys first appeared."""

    topic: str
    entries: tuple[tuple[str, Any], ...]
