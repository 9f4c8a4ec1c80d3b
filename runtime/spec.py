"""Supervision trees as data: what to start, in which order, what a death means. Validated before anything starts."""

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
BRUTAL = 0  # as `shutdown_ns`: killed at once, without a word
INFINITY = None  # as `shutdown_ns`: waited for as long as it takes


class RestartStrategy(StrEnum):
    """Which siblings share a death: none, all, or those started after. Dynamic: many children of one template."""

    ONE_FOR_ONE = "one_for_one"
    ONE_FOR_ALL = "one_for_all"
    REST_FOR_ONE = "rest_for_one"
    DYNAMIC = "dynamic"


class Restart(StrEnum):
    """Permanent: always; transient: after an error; temporary: never; fatal: any death stops the whole tree."""

    PERMANENT = "permanent"
    TRANSIENT = "transient"
    TEMPORARY = "temporary"
    FATAL = "fatal"


@attrs.frozen
class Backoff:
    """Wait before the second and later restarts of a streak: from `min_ns`, doubling, to `max_ns`.

    `jitter` is the largest share added at random; a life of `reset_ns` ends the streak.
    """

    min_ns: int = SECOND_NS // 10
    max_ns: int = 30 * SECOND_NS
    jitter: float = 0.1
    reset_ns: int = 60 * SECOND_NS


@attrs.frozen
class ActorSpec:
    """One actor: its name among siblings, how to build an incarnation, and its bounds.

    `mailbox` bounds its waiting messages, its open questions and its timers, each. With `poison` = k, a message that
    killed k incarnations is refused from then on. `is_critical`: its mail may not wait; a live driver watches it.
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
    """A supervisor of children started top to bottom and stopped bottom to top; N restarts in T are tolerated.

    Of a DYNAMIC one `children` is the one template, of which it starts none by itself.
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
    """A child's name in the tree; the root's own name is left out."""
    return Ref(f"{parent}/{child_id}") if parent else Ref(child_id)
