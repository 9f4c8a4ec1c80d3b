"""A cell: the place of one actor in the tree. It stays while incarnations come and go."""

from enum import Enum
from typing import TYPE_CHECKING

from runtime.dispatch import Dispatch, Receive
from runtime.messages import Ref
from runtime.spec import ActorSpec

if TYPE_CHECKING:
    from runtime.actor import Actor
    from runtime.context import Context
    from runtime.supervisor import Supervisor

__all__ = ["Cell", "CellState"]


class CellState(Enum):
    """Where the current incarnation is in its life."""

    DOWN = "down"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"


class Cell:
    """`handlers` are the incarnation's, or the dead-letter sink while there is none: no liveness test a hop.

    `timers` are its pending timers, key to sequence; `peak` is the deepest its mailbox was seen; `was_up` tells a life
    that had started from one that failed to.
    """

    __slots__ = (
        "actor",
        "context",
        "handlers",
        "incarnation",
        "nobody",
        "peak",
        "ref",
        "spec",
        "state",
        "supervisor",
        "timers",
        "was_up",
    )

    def __init__(self, ref: Ref, spec: ActorSpec, supervisor: "Supervisor", sink: Receive) -> None:
        self.ref = ref
        self.spec = spec
        self.supervisor = supervisor
        self.nobody = Dispatch({}, sink)
        self.handlers = self.nobody
        self.actor: Actor | None = None
        self.context: Context | None = None
        self.incarnation = 0
        self.state = CellState.DOWN
        self.timers: dict[str, int] = {}
        self.peak = 0
        self.was_up = False

    @property
    def is_alive(self) -> bool:
        """Whether an incarnation is there, in whatever phase of its life."""
        return self.state is not CellState.DOWN
