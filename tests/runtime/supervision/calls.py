"""What the model answers to management calls: the contract's table, one branch a line of it."""

from typing import TYPE_CHECKING, Any

import attrs

from runtime.spec import ChildSpec
from runtime.supervision.management import (
    AlreadyPresent,
    AlreadyStarted,
    ChildCounts,
    ChildInfo,
    ChildKind,
    ChildStatus,
    NotFound,
    Restarting,
    Running,
    Verb,
    WrongStrategy,
)
from tests.runtime.supervision.nodes import Node

if TYPE_CHECKING:
    from tests.runtime.supervision.model import Model

__all__ = ["serve"]


def serve(model: "Model", top: Node, number: int, verb: Verb, argument: Any) -> None:
    if verb is Verb.START:
        _start(model, top, number, argument)
    elif verb is Verb.WHICH:
        model.answers[number] = tuple(_info(model, kid) for kid in top.kids)
    elif verb is Verb.COUNT:
        groups = sum(kid.is_group for kid in top.kids)
        here = sum(kid.here for kid in top.kids)
        specs = 1 if top.is_dynamic else len(top.kids)
        model.answers[number] = ChildCounts(specs, here, groups, len(top.kids) - groups)
    elif top.is_dynamic and (verb in (Verb.RESTART, Verb.DELETE) or _is_an_id(top, verb, argument)):
        model.answers[number] = WrongStrategy(argument)
    else:
        kid = next((kid for kid in top.kids if argument in (("" if top.is_dynamic else kid.spec.id), kid.ref)), None)
        if kid is None:
            model.answers[number] = NotFound(argument)
        else:
            _on_kid(model, top, kid, number, verb, argument)


def _is_an_id(top: Node, verb: Verb, argument: str) -> bool:
    return verb is Verb.TERMINATE and bool(top.ref) and not argument.startswith(f"{top.ref}/")


def _on_kid(model: "Model", top: Node, kid: Node, number: int, verb: Verb, argument: str) -> None:
    if verb is Verb.SPEC:
        model.answers[number] = kid.spec
    elif verb is Verb.TERMINATE and kid.here:
        kid.call = (number, verb)
        model.doom(kid, top)
    elif verb is Verb.TERMINATE:
        model.stop_waiting(kid, top)
        model.answers[number] = None
    elif kid.here or kid.due:
        model.answers[number] = Running(argument) if kid.here else Restarting(argument)
    elif verb is Verb.RESTART:
        kid.call = (number, verb)
        model.start_kid(kid, top)
    else:
        top.kids.remove(kid)
        model.answers[number] = None


def _start(model: "Model", top: Node, number: int, spec: ChildSpec | None) -> None:
    if top.is_dynamic:
        if spec is not None:
            model.answers[number] = WrongStrategy(spec.id)
            return
        template = top.spec.children[0]
        model.reports[top.ref] = model.reports.get(top.ref, 0) + 1
        spec = attrs.evolve(template, id=f"{template.id}-{model.reports[top.ref]}")
    assert spec is not None
    known = next((kid for kid in top.kids if kid.spec.id == spec.id), None)
    if known is not None:
        is_up = known.here or known.due
        model.answers[number] = AlreadyStarted(known.ref) if is_up else AlreadyPresent(spec.id)
        return
    kid = model.new_node(spec, top)
    top.kids.append(kid)
    kid.call = (number, Verb.START)
    model.start_kid(kid, top)


def _info(model: "Model", kid: Node) -> ChildInfo:
    status = ChildStatus.RUNNING if kid.here else ChildStatus.RESTARTING if kid.due else ChildStatus.STOPPED
    kind = ChildKind.SUPERVISOR if kid.is_group else ChildKind.WORKER
    return ChildInfo(kid.spec.id, status, kind, model.lives.get(kid.ref, 0))
