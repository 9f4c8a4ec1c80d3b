"""Ports: where effects leave the kernel for the world, and what its journal is told.

The kernel knows of a port only its name and whether a request must be on disk before it leaves. Who serves it, and how,
is a driver's business.
"""

from typing import Any, Protocol

import attrs
import msgspec

from runtime.messages import Ref

__all__ = ["Effect", "JournalSink", "Port"]


@attrs.frozen
class Port:
    """`is_durable_first`: a request leaves when it, and all that came before it, is on disk."""

    is_durable_first: bool = False


class Effect(msgspec.Struct, frozen=True):
    """One request on its way to an edge; results carry it back, so that they reach the life that asked or nobody."""

    ref: Ref
    incarnation: int
    correlation: int
    port: str
    request: Any
    sequence: int = 0


class JournalSink(Protocol):
    """Where the kernel writes what came in and what went out; returns the record's sequence."""

    def record(self, kind: str, now_ns: int, payload: tuple[Any, ...]) -> int:
        """Inputs: tell, command, ask, result, edge_failed, time, fire, kill, halt, manage, start. Outputs: effect,
        decision, life.
        """
