"""Ports, through which effects leave the kernel, and the interface of its journal.

The kernel knows only a port's name and whether a request must be on disk before it leaves. A driver decides who serves
it and how.
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
    """One request to an edge; results refer to it, so that they reach only the life that asked."""

    ref: Ref
    incarnation: int
    correlation: int
    port: str
    request: Any
    sequence: int = 0


class JournalSink(Protocol):
    """Receives the kernel's inputs and outputs; `record` returns the record's sequence."""

    def record(self, kind: str, now_ns: int, payload: tuple[Any, ...]) -> int:
        """Inputs: tell, command, ask, result, edge_failed, time, fire, kill, halt, manage, start. Outputs: effect,
        decision, life.
        """
