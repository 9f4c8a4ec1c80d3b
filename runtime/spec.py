"""Supervision trees as data: what to start, in which order, and what a death means. Validated before the start."""

from collections.abc import Callable
from enum import StrEnum

import attrs

from runtime.actor import Actor
from runtime.messages import Ref

__all__ = [
    "BRUTAL",
    "INFINITY",
    "SECOND_NS",
    "ActorSpec",
    "Backoff",
    "ChildSpec",
    "Restart",
    "RestartStrategy",
    "SupervisorSpec",
    "child_ref",
]

SECOND_NS = 1_000_000_000
BRUTAL = 0  # as `shutdown_ns`: killed at once, without a call of `stop`
INFINITY = None  # as `shutdown_ns`: no deadline


class RestartStrategy(StrEnum):
    """Which siblings restart with a child: none, all, or those started after it. Dynamic: many of one template."""

    ONE_FOR_ONE = "one_for_one"
    ONE_FOR_ALL = "one_for_all"
    REST_FOR_ONE = "rest_for_one"
    DYNAMIC = "dynamic"


class Restart(StrEnum):
    """When a child restarts. Permanent: always; transient: after an error; temporary: never; fatal: ends the run."""

    PERMANENT = "permanent"
    TRANSIENT = "transient"
    TEMPORARY = "temporary"
    FATAL = "fatal"


@attrs.frozen
class Backoff:
    """The wait before the second and later restarts of a streak: `min_ns`, doubled each time, at most `max_ns`.

    `jitter` is the largest share of the wait added at random; a life of `reset_ns` ends the streak.
    """

    min_ns: int = SECOND_NS // 10
    max_ns: int = 30 * SECOND_NS
    jitter: float = 0.1
    reset_ns: int = 60 * SECOND_NS


@attrs.frozen
class ActorSpec:
    """One actor: its name among siblings, its factory, and its bounds.

    `mailbox` bounds its waiting messages, its open questions and its timers separately. With `poison` = k a message
    that killed k incarnations is not handled again. `is_critical`: a live driver reports when its messages wait too
    long.
    """

    id: str
    factory: Callable[[], Actor]
    restart: Restart = Restart.PERMANENT
    shutdown_ns: int | None = 5 * SECOND_NS
    init_ns: int = 60 * SECOND_NS
    backoff: Backoff | None = None
    mailbox: int = 10_000
    poison: int | None = None
    is_critical: bool = False
    note: str = ""


@attrs.frozen
class SupervisorSpec:
    """A supervisor: children start top to bottom and stop bottom to top.

    It tolerates `intensity` restarts in `period_ns`. The `children` of a DYNAMIC one are one template, which it starts
    only when called.
    """

    id: str
    strategy: RestartStrategy = RestartStrategy.ONE_FOR_ONE
    children: tuple["ChildSpec", ...] = ()
    intensity: int = 1
    period_ns: int = 5 * SECOND_NS
    restart: Restart = Restart.PERMANENT
    shutdown_ns: int | None = INFINITY
    backoff: Backoff | None = None
    note: str = ""


ChildSpec = ActorSpec | SupervisorSpec


def child_ref(parent: Ref, child_id: str) -> Ref:
    """A child's name in the tree: its path without the root's name."""
    return Ref(f"{parent}/{child_id}") if parent else Ref(child_id)
