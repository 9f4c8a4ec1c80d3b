"""A cell: the place of one actor in the tree. It outlives incarnations; a tombstone replaces it when it is removed.

It knows its supervisor by name only, so that this module does not depend on supervision.
"""

from enum import Enum

from runtime.actor import Actor
from runtime.context import Context
from runtime.kernel.dispatch import Dispatch
from runtime.messages import Reason, Ref
from runtime.spec import ActorSpec

__all__ = ["Cell", "CellState", "Tombstone"]


class CellState(Enum):
    """Where the current incarnation is in its life."""

    DOWN = "down"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"


class Cell:
    """`handlers` are the incarnation's, or the dead-letter sink while there is none: sends need no liveness test.

    `timers` are its pending timers, key to sequence; `peak` is the largest mailbox depth seen; `was_up` says whether
    the current life has started; `ended` is how the last life ended; `watching` holds the names it watches.
    """

    __slots__ = (
        "actor",
        "context",
        "ended",
        "handlers",
        "incarnation",
        "nobody",
        "parent",
        "peak",
        "ref",
        "spec",
        "state",
        "timers",
        "was_up",
        "watching",
    )

    def __init__(self, ref: Ref, spec: ActorSpec, parent: Ref, nobody: Dispatch) -> None:
        self.ref = ref
        self.spec = spec
        self.parent = parent
        self.nobody = nobody
        self.handlers = self.nobody
        self.actor: Actor | None = None
        self.context: Context | None = None
        self.incarnation = 0
        self.state = CellState.DOWN
        self.timers: dict[str, int] = {}
        self.peak = 0
        self.was_up = False
        self.ended = (Reason.NORMAL, "")
        self.watching: dict[Ref, None] = {}

    @property
    def is_alive(self) -> bool:
        """Whether there is an incarnation, in any phase of its life."""
        return self.state is not CellState.DOWN


class Tombstone(Cell):
    """The record of a removed name: its path, its number of lives, and how the last one ended.

    Messages still sent there become dead letters. It holds no spec, factory or arguments.
    """

    __slots__ = ()

    def __init__(self, ref: Ref, incarnation: int, ended: tuple[Reason, str], nobody: Dispatch) -> None:
        super().__init__(ref, _NO_SPEC, Ref(""), nobody)
        self.incarnation = incarnation
        self.ended = ended


_NO_SPEC = ActorSpec("gone", Actor)
