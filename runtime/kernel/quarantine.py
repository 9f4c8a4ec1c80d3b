"""Poison: a message that has killed k incarnations of an actor is no longer handled; known by class and digest."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import msgspec

from runtime.kernel.cell import Cell

__all__ = ["Quarantine", "fingerprint"]

_KEPT = 10_000


def fingerprint(message: object) -> str | None:
    """blake2b-128 of the encoded message; None for one that cannot be encoded, which is never quarantined."""
    try:
        return hashlib.blake2b(msgspec.msgpack.encode(message), digest_size=16).hexdigest()
    except (TypeError, ValueError, OverflowError):
        return None


class Quarantine:
    """Counts the deaths each message has caused; `refuse` is called instead of its handler."""

    def __init__(self, refuse: Callable[[], None]) -> None:
        self._refuse = refuse
        self._deaths: OrderedDict[tuple[str, type, str], int] = OrderedDict()
        self._refused: dict[Cell, dict[type, list[str]]] = {}

    def note(self, cell: Cell, message: object) -> None:
        """Count that this message killed an incarnation of `cell`."""
        limit = cell.spec.poison
        digest = None if limit is None or message is None else fingerprint(message)
        if limit is None or digest is None:
            return
        key = (cell.ref, type(message), digest)
        self._deaths[key] = self._deaths.get(key, 0) + 1
        if self._deaths[key] >= limit:
            del self._deaths[key]
            digests = self._refused.setdefault(cell, {}).setdefault(type(message), [])
            digests.append(digest)
        elif len(self._deaths) > _KEPT:
            self._deaths.popitem(last=False)

    def install(self, cell: Cell) -> None:
        """Replace a new incarnation's handlers for the message classes that have poison."""
        for kind, digests in self._refused.get(cell, {}).items():
            cell.handlers[kind] = self._guarded(cell.handlers[kind], digests)

    def forget(self, cell: Cell) -> None:
        """The cell has been removed for good: drop its counts."""
        self._refused.pop(cell, None)

    def _guarded(self, handler: Callable[[Any, Any], None], digests: list[str]) -> Callable[[Any, Any], None]:
        def guarded(message: Any, ctx: Any) -> None:
            if fingerprint(message) in digests:
                self._refuse()
                return None
            return handler(message, ctx)

        return guarded
