"""Checks of a spec before anything starts: every problem is reported with its path."""

import warnings
from collections.abc import Iterator
from typing import Any

from runtime.errors import InvalidSpec, SpecWarning
from runtime.spec import ActorSpec, Backoff, Restart, RestartStrategy, SupervisorSpec

__all__ = ["problems_of", "validate"]


def validate(root: Any) -> None:
    """Raise InvalidSpec with every problem of the tree; warn (SpecWarning) of what is probably a mistake."""
    path = str(getattr(root, "id", "root"))
    problems = tuple(problems_of(root, path))
    if isinstance(root, ActorSpec):
        problems = (*problems, f"{path}: the root of a tree is a supervisor")
    if problems:
        raise InvalidSpec(problems)
    for path in _giving_up_for_ever(root, root.id):
        text = f"{path}: giving up is a `shutdown`, so a transient supervisor that gives up is never restarted"
        warnings.warn(text, SpecWarning, stacklevel=2)


def problems_of(spec: Any, path: str) -> Iterator[str]:
    """Every problem of one child's spec and of what is below it; `path` is its path."""
    if isinstance(spec, SupervisorSpec):
        yield from _of_any(spec, path)
        yield from _of_supervisor(spec, path)
    elif isinstance(spec, ActorSpec):
        yield from _of_any(spec, path)
        yield from _of_actor(spec, path)
    else:
        yield f"{path}: {type(spec).__name__} is no spec of an actor or supervisor"


def _of_any(spec: Any, path: str) -> Iterator[str]:
    if not isinstance(spec.id, str) or not spec.id or "/" in spec.id:
        yield f"{path}: an id is a name without '/'"
    if not isinstance(spec.restart, Restart):
        yield f"{path}: restart is {spec.restart!r}, not one of {', '.join(Restart)}"
    if spec.shutdown_ns is not None and not (_is_int(spec.shutdown_ns) and spec.shutdown_ns >= 0):
        yield f"{path}: shutdown deadline is {spec.shutdown_ns!r} ns, below 0 or no number"
    if spec.backoff is not None:
        yield from _of_backoff(spec.backoff, path)


def _of_actor(spec: Any, path: str) -> Iterator[str]:
    if not callable(spec.factory):
        yield f"{path}: factory is {type(spec.factory).__name__}, not something to call"
    if not _is_int(spec.mailbox) or spec.mailbox < 1:
        yield f"{path}: mailbox bound is {spec.mailbox!r}, below 1"
    if not _is_int(spec.init_ns) or spec.init_ns <= 0:
        yield f"{path}: init deadline is {spec.init_ns!r} ns, not above 0"
    if spec.poison is not None and not (_is_int(spec.poison) and spec.poison >= 1):
        yield f"{path}: poison is {spec.poison!r}, below 1"


def _of_supervisor(spec: Any, path: str) -> Iterator[str]:
    if not isinstance(spec.strategy, RestartStrategy):
        yield f"{path}: strategy is {spec.strategy!r}, not one of {', '.join(RestartStrategy)}"
    if not _is_int(spec.intensity) or spec.intensity < 0:
        yield f"{path}: intensity is {spec.intensity!r}, below 0"
    if not _is_int(spec.period_ns) or spec.period_ns <= 0:
        yield f"{path}: period is {spec.period_ns!r} ns, not above 0"
    children = spec.children
    if not isinstance(children, tuple | list):
        yield f"{path}: children is {type(children).__name__}, not a tuple of specs"
        return
    if spec.strategy is RestartStrategy.DYNAMIC and len(children) != 1:
        yield f"{path}: a dynamic supervisor has one template, not {len(children)}"
    seen: list[str] = []
    for child in children:
        name = getattr(child, "id", "?")
        if name in seen:
            yield f"{path}/{name}: id is used twice among siblings"
        seen.append(name)
        yield from problems_of(child, f"{path}/{name}")


def _of_backoff(backoff: Any, path: str) -> Iterator[str]:
    if not isinstance(backoff, Backoff) or not all(map(_is_int, (backoff.min_ns, backoff.max_ns, backoff.reset_ns))):
        yield f"{path}: backoff is {backoff!r}, not a Backoff in whole ns"
        return
    if not 0 < backoff.min_ns <= backoff.max_ns:
        yield f"{path}: backoff from {backoff.min_ns} to {backoff.max_ns} ns is not above 0 and rising"
    jitter: Any = backoff.jitter
    if not isinstance(jitter, int | float) or not 0 <= jitter <= 1:
        yield f"{path}: backoff jitter is {jitter!r}, not a share from 0 to 1"
    if backoff.reset_ns < 0:
        yield f"{path}: backoff reset is {backoff.reset_ns} ns, below 0"


def _giving_up_for_ever(spec: SupervisorSpec, path: str) -> Iterator[str]:
    for child in spec.children:
        if isinstance(child, SupervisorSpec):
            if child.restart is Restart.TRANSIENT:
                yield f"{path}/{child.id}"
            yield from _giving_up_for_ever(child, f"{path}/{child.id}")


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
