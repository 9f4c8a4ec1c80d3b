"""Management calls: add, stop, restart and count children at run time; and the answers of each call.

A call is served when its supervisor has no start or stop under way; a backoff does not delay it. A driver's call
returns the result; a handler's call returns a correlation, and the result arrives as `Managed(result)`.
"""

from collections.abc import Callable
from enum import Enum, StrEnum
from typing import Any

import attrs
import msgspec

from runtime.messages import Ref

__all__ = [
    "AlreadyPresent",
    "AlreadyStarted",
    "Call",
    "ChildCounts",
    "ChildInfo",
    "ChildKind",
    "ChildStatus",
    "DeadSupervisor",
    "Ignored",
    "NotFound",
    "Restarting",
    "Running",
    "StartFailed",
    "SupervisorCalls",
    "Verb",
    "WrongStrategy",
]


class ChildStatus(StrEnum):
    """A child's state. Restarting: down, and due to start again (it or a sibling is in a backoff)."""

    RUNNING = "running"
    RESTARTING = "restarting"
    STOPPED = "stopped"


class ChildKind(StrEnum):
    """Whether a child is an actor or a supervisor."""

    WORKER = "worker"
    SUPERVISOR = "supervisor"


class AlreadyStarted(msgspec.Struct, frozen=True):
    """A child of that id is up or starting."""

    ref: Ref


class AlreadyPresent(msgspec.Struct, frozen=True):
    """A child of that id exists but is stopped: restart it, or delete it first."""

    id: str


class StartFailed(msgspec.Struct, frozen=True):
    """The child did not start; `error` is the class of what it raised. A new child's spec is not kept."""

    id: str
    error: str


class Ignored(msgspec.Struct, frozen=True):
    """The child's start returned IGNORE: its spec is kept, stopped (of a temporary or dynamic child it is not)."""

    id: str


class NotFound(msgspec.Struct, frozen=True):
    """No such child."""

    id: str


class Running(msgspec.Struct, frozen=True):
    """The child is up."""

    id: str


class Restarting(msgspec.Struct, frozen=True):
    """The child is due to start again."""

    id: str


class WrongStrategy(msgspec.Struct, frozen=True):
    """The call is not valid for this kind of supervisor."""

    id: str


class DeadSupervisor(msgspec.Struct, frozen=True):
    """The supervisor is down or stopping."""

    ref: Ref


class ChildInfo(msgspec.Struct, frozen=True):
    """One child; `incarnation` counts its starts, also of a supervisor."""

    id: str
    status: ChildStatus
    kind: ChildKind
    incarnation: int


class ChildCounts(msgspec.Struct, frozen=True):
    """Number of specs kept, of children that are up, and of supervisors and workers among the specs."""

    specs: int
    active: int
    supervisors: int
    workers: int


class Verb(Enum):
    """The calls."""

    START = "start_child"
    TERMINATE = "terminate_child"
    RESTART = "restart_child"
    DELETE = "delete_child"
    WHICH = "which_children"
    COUNT = "count_children"
    SPEC = "child_spec"


@attrs.frozen(eq=False)
class Call:
    """One call under way; `argument` is a spec or an id."""

    verb: Verb
    argument: Any
    answer: Callable[[Any], None]


class SupervisorCalls:
    """The calls to one supervisor; `make` carries a call out and returns what the caller gets.

    A DYNAMIC supervisor's child is identified by the ref that its start returned; `start_child()` uses the template.
    """

    __slots__ = ("_make",)

    def __init__(self, make: Callable[[Verb, Any], Any]) -> None:
        self._make = make

    def start_child(self, spec: Any = None) -> Any:
        """Add a child and start it: Ref, AlreadyStarted, AlreadyPresent, Ignored, StartFailed, InvalidSpec."""
        return self._make(Verb.START, spec)

    def terminate_child(self, child_id: str) -> Any:
        """Stop a child in order and keep its spec: None or NotFound."""
        return self._make(Verb.TERMINATE, child_id)

    def restart_child(self, child_id: str) -> Any:
        """Start a stopped child: Ref, NotFound, Running, Restarting, Ignored, StartFailed, WrongStrategy."""
        return self._make(Verb.RESTART, child_id)

    def delete_child(self, child_id: str) -> Any:
        """Forget a stopped child: None, NotFound, Running, Restarting, WrongStrategy."""
        return self._make(Verb.DELETE, child_id)

    def which_children(self) -> Any:
        """A tuple of ChildInfo, in start order."""
        return self._make(Verb.WHICH, None)

    def count_children(self) -> Any:
        """ChildCounts."""
        return self._make(Verb.COUNT, None)

    def child_spec(self, child_id: str) -> Any:
        """The child's spec, or NotFound."""
        return self._make(Verb.SPEC, child_id)
