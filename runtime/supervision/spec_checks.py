"""What can be wrong with a spec: every problem is named with its place, before anything starts."""

import warnings
from collections.abc import Iterator
from typing import Any

from runtime.errors import InvalidSpec, SpecWarning
from runtime.spec import ActorSpec, Backoff, Restart, RestartStrategy, SupervisorSpec

__all__ = ["problems_of", "validate"]


def validate(root: Any) -> None:
    """Raise InvalidSpec naming every problem of the tree; warn of what is valid and probably not meant."""
    place = str(getattr(root, "id", "root"))
    problems = tuple(problems_of(root, place))
    if isinstance(root, ActorSpec):
        problems = (*problems, f"{place}: the root of a tree is a supervisor")
    if problems:
        raise InvalidSpec(problems)
    for place in _giving_up_for_ever(root, root.id):
        text = f"{place}: giving up is a `shutdown`, so a transient supervisor that gives up is never restarted"
        warnings.warn(text, SpecWarning, stacklevel=2)


def problems_of(spec: Any, place: str) -> Iterator[str]:
    """Every problem of one child's spec and of what is below it; `place` is its path."""
    if isinstance(spec, SupervisorSpec):
        yield from _of_any(spec, place)
        yield from _of_supervisor(spec, place)
    elif isinstance(spec, ActorSpec):
        yield from _of_any(spec, place)
        yield from _of_actor(spec, place)
    else:
        yield f"{place}: {type(spec).__name__} is no spec of an actor or supervisor"


def _of_any(spec: Any, place: str) -> Iterator[str]:
    if not isinstance(spec.id, str) or not spec.id or "/" in spec.id:
        yield f"{place}: an id is a name without '/'"
    if not isinstance(spec.restart, Restart):
        yield f"{place}: restart is {spec.restart!r}, not one of {', '.join(Restart)}"
    if spec.shutdown_ns is not None and not (_is_int(spec.shutdown_ns) and spec.shutdown_ns >= 0):
        yield f"{place}: shutdown deadline is {spec.shutdown_ns!r} ns, below 0 or no number"
    if spec.backoff is not None:
        yield from _of_backoff(spec.backoff, place)


def _of_actor(spec: Any, place: str) -> Iterator[str]:
    if not callable(spec.factory):
        yield f"{place}: factory is {type(spec.factory).__name__}, not something to call"
    if not _is_int(spec.mailbox) or spec.mailbox < 1:
        yield f"{place}: mailbox bound is {spec.mailbox!r}, below 1"
    if not _is_int(spec.init_ns) or spec.init_ns <= 0:
        yield f"{place}: init deadline is {spec.init_ns!r} ns, not above 0"
    if spec.poison is not None and not (_is_int(spec.poison) and spec.poison >= 1):
        yield f"{place}: poison is {spec.poison!r}, below 1"


def _of_supervisor(spec: Any, place: str) -> Iterator[str]:
    if not isinstance(spec.strategy, RestartStrategy):
        yield f"{place}: strategy is {spec.strategy!r}, not one of {', '.join(RestartStrategy)}"
    if not _is_int(spec.intensity) or spec.intensity < 0:
        yield f"{place}: intensity is {spec.intensity!r}, below 0"
    if not _is_int(spec.period_ns) or spec.period_ns <= 0:
        yield f"{place}: period is {spec.period_ns!r} ns, not above 0"
    children = spec.children
    if not isinstance(children, tuple | list):
        yield f"{place}: children is {type(children).__name__}, not a tuple of specs"
        return
    if spec.strategy is RestartStrategy.DYNAMIC and len(children) != 1:
        yield f"{place}: a dynamic supervisor has one template, not {len(children)}"
    seen: list[str] = []
    for child in children:
        name = getattr(child, "id", "?")
        if name in seen:
            yield f"{place}/{name}: id is used twice among siblings"
        seen.append(name)
        yield from problems_of(child, f"{place}/{name}")


def _of_backoff(backoff: Any, place: str) -> Iterator[str]:
    if not isinstance(backoff, Backoff) or not all(map(_is_int, (backoff.min_ns, backoff.max_ns, backoff.reset_ns))):
        yield f"{place}: backoff is {backoff!r}, not a Backoff in whole ns"
        return
    if not 0 < backoff.min_ns <= backoff.max_ns:
        yield f"{place}: backoff from {backoff.min_ns} to {backoff.max_ns} ns is not above 0 and rising"
    jitter: Any = backoff.jitter
    if not isinstance(jitter, int | float) or not 0 <= jitter <= 1:
        yield f"{place}: backoff jitter is {jitter!r}, not a share from 0 to 1"
    if backoff.reset_ns < 0:
        yield f"{place}: backoff reset is {backoff.reset_ns} ns, below 0"


def _giving_up_for_ever(spec: SupervisorSpec, place: str) -> Iterator[str]:
    for child in spec.children:
        if isinstance(child, SupervisorSpec):
            if child.restart is Restart.TRANSIENT:
                yield f"{place}/{child.id}"
            yield from _giving_up_for_ever(child, f"{place}/{child.id}")


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
