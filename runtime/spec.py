"""Supervision trees as data: what to start, in which order, what a death means. Validated before anything starts."""

from collections.abc import Callable, Iterator
from enum import StrEnum

import attrs

from runtime.actor import Actor
from runtime.errors import InvalidSpec
from runtime.messages import Ref

__all__ = [
    "SECOND_NS",
    "ActorSpec",
    "Backoff",
    "ChildSpec",
    "Restart",
    "Strategy",
    "SupervisorSpec",
    "child_ref",
    "validate",
]

SECOND_NS = 1_000_000_000


class Strategy(StrEnum):
    """Which siblings share a death: none, all, or those started after."""

    ONE_FOR_ONE = "one_for_one"
    ONE_FOR_ALL = "one_for_all"
    REST_FOR_ONE = "rest_for_one"


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
    """One actor: its name among siblings, how to build an incarnation, and its bounds."""

    id: str
    factory: Callable[[], Actor]
    restart: Restart = Restart.PERMANENT
    shutdown_ns: int | None = 5 * SECOND_NS
    init_ns: int = 60 * SECOND_NS
    backoff: Backoff | None = None
    mailbox: int = 10_000
    note: str = ""


@attrs.frozen
class SupervisorSpec:
    """A supervisor of children started top to bottom and stopped bottom to top; N restarts in T are tolerated."""

    id: str
    strategy: Strategy
    children: tuple["ChildSpec", ...]
    intensity: int = 1
    period_ns: int = 5 * SECOND_NS
    restart: Restart = Restart.PERMANENT
    backoff: Backoff | None = None
    note: str = ""


ChildSpec = ActorSpec | SupervisorSpec


def child_ref(parent: Ref, child_id: str) -> Ref:
    """A child's name in the tree; the root's own name is left out."""
    return Ref(f"{parent}/{child_id}") if parent else Ref(child_id)


def validate(root: SupervisorSpec) -> None:
    """Raise InvalidSpec naming every problem of the tree."""
    problems = tuple(_problems(root, root.id))
    if problems:
        raise InvalidSpec(problems)


def _problems(spec: SupervisorSpec, path: str) -> Iterator[str]:
    if spec.intensity < 0:
        yield f"{path}: intensity is {spec.intensity}, below 0"
    if spec.period_ns <= 0:
        yield f"{path}: period is {spec.period_ns} ns, not above 0"
    seen: list[str] = []
    for child in spec.children:
        place = f"{path}/{child.id}"
        if not child.id or "/" in child.id:
            yield f"{place}: an id is a name without '/'"
        if child.id in seen:
            yield f"{place}: id is used twice among siblings"
        seen.append(child.id)
        if isinstance(child, SupervisorSpec):
            yield from _problems(child, place)
            continue
        if child.mailbox < 1:
            yield f"{place}: mailbox bound is {child.mailbox}, below 1"
        if child.init_ns <= 0:
            yield f"{place}: init deadline is {child.init_ns} ns, not above 0"
        if child.shutdown_ns is not None and child.shutdown_ns < 0:
            yield f"{place}: shutdown deadline is {child.shutdown_ns} ns, below 0"
