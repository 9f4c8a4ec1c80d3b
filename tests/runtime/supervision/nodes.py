"""What the model's tree is made of: one plain record a node, and how the actor of a name behaves."""

from typing import Any

import attrs

from runtime.messages import Ref
from runtime.spec import RestartStrategy, SupervisorSpec
from runtime.supervision.management import Verb

__all__ = ["Node", "Plan"]


@attrs.define
class Plan:
    """How the actor of one name behaves: its next starts fail or are ignored, it starts or stops slowly."""

    fails: int = 0
    ignores: int = 0
    is_slow: bool = False
    lingers: bool = False
    chokes: bool = False  # its stop raises


@attrs.define(eq=False)
class Node:
    """An actor or a supervisor, and what its parent means to do with it.

    `state` is its own: down, starting, up, stopping. `here`: the parent counts it as living; `doomed`: it must stop;
    `asked`: its stop has begun; `due`: it must start; `held`: not before a wait is over; `waits`: the wait is its own.
    """

    spec: Any
    ref: Ref
    parent: "Node | None"
    state: str = "down"
    kids: list["Node"] = attrs.field(factory=list)
    restarts: list[int] = attrs.field(factory=list)
    calls: list[tuple[int, Verb, Any]] = attrs.field(factory=list)
    failure: list[tuple[str, int, str]] = attrs.field(factory=list)
    step: "Node | None" = None
    is_turning: bool = False
    here: bool = False
    doomed: bool = False
    asked: bool = False
    due: bool = False
    held: bool = False
    waits: bool = False
    call: tuple[int, Verb] | None = None
    streak: int = 0
    up_since: int | None = None

    @property
    def is_group(self) -> bool:
        return isinstance(self.spec, SupervisorSpec)

    @property
    def is_dynamic(self) -> bool:
        return self.is_group and self.spec.strategy is RestartStrategy.DYNAMIC
