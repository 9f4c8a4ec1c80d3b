"""Messages to and from the journal actor: a query for a topic's remembered state (`ctx.remember`), and the answer."""

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
