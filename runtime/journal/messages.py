"""What is asked of the journal: what do you know of that topic? What it knows comes by `ctx.remember`."""

from typing import Any

import msgspec

__all__ = ["Recall", "Recalled"]


class Recall(msgspec.Struct, frozen=True, gc=False):
    """Ask for everything known of `topic`; answered by Recalled."""

    topic: str


class Recalled(msgspec.Struct, frozen=True):
    """Last known states in the order their keys first appeared."""

    topic: str
    entries: tuple[tuple[str, Any], ...]
