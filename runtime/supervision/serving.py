"""Serves management calls at a supervisor with no step under way. A long call is answered later, by its child."""

import attrs

from runtime.errors import InvalidSpec
from runtime.kernel.cell import Cell
from runtime.spec import RestartStrategy
from runtime.supervision.children import Child
from runtime.supervision.management import (
    AlreadyPresent,
    AlreadyStarted,
    Call,
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
from runtime.supervision.spec_checks import problems_of
from runtime.supervision.supervisor import Supervisor

__all__ = ["serve"]


def serve(supervisor: Supervisor, call: Call) -> None:
    """Carry out the call, or begin to."""
    if call.verb is Verb.START:
        _start(supervisor, call)
    elif call.verb is Verb.WHICH:
        call.answer(tuple(map(_info, supervisor.children)))
    elif call.verb is Verb.COUNT:
        call.answer(_counts(supervisor))
    else:
        _on_child(supervisor, call)


def _start(supervisor: Supervisor, call: Call) -> None:
    spec = call.argument
    if supervisor.spec.strategy is RestartStrategy.DYNAMIC:
        if spec is not None:
            call.answer(WrongStrategy(getattr(spec, "id", "")))
            return
        template = supervisor.spec.children[0]
        supervisor.children_started += 1
        spec = attrs.evolve(template, id=f"{template.id}-{supervisor.children_started}")
    path = f"{supervisor.ref}/{getattr(spec, 'id', '?')}"
    problems = tuple(problems_of(spec, path))
    if problems:
        call.answer(InvalidSpec(problems))
        return
    known = _find(supervisor, spec.id)
    if known is not None:
        is_up = known.is_alive or known.is_due
        call.answer(AlreadyStarted(known.node.ref) if is_up else AlreadyPresent(spec.id))
        return
    child = supervisor.life.new_child(supervisor, spec)
    supervisor.children.add(child)
    child.call = call
    supervisor.start_one(child)


def _on_child(supervisor: Supervisor, call: Call) -> None:
    child_id = call.argument
    is_dynamic = supervisor.spec.strategy is RestartStrategy.DYNAMIC
    child = _find(supervisor, child_id)
    if is_dynamic and (call.verb in (Verb.RESTART, Verb.DELETE) or _is_no_ref(supervisor, call)):
        call.answer(WrongStrategy(child_id))
    elif child is None:
        call.answer(NotFound(child_id))
    elif call.verb is Verb.SPEC:
        call.answer(child.spec)
    elif call.verb is Verb.TERMINATE:
        if child.is_alive:
            child.call = call
            supervisor.ask_to_stop(child)
        else:
            supervisor.give_up_waiting(child)
            if not supervisor.is_kept(child):
                supervisor.drop(child)
            call.answer(None)
    elif child.is_alive or child.is_due:
        call.answer(Running(child_id) if child.is_alive else Restarting(child_id))
    elif call.verb is Verb.RESTART:
        child.call = call
        supervisor.start_one(child)
    else:
        supervisor.drop(child)
        call.answer(None)


def _is_no_ref(supervisor: Supervisor, call: Call) -> bool:
    """Whether a call names a dynamic child by anything other than a ref that this supervisor gave."""
    prefix = f"{supervisor.ref}/" if supervisor.ref else ""
    return call.verb is Verb.TERMINATE and not str(call.argument).startswith(prefix)


def _find(supervisor: Supervisor, child_id: object) -> Child | None:
    """The child of that id or ref, or None; a dynamic child is found by ref only, because its id is internal."""
    prefix = f"{supervisor.ref}/" if supervisor.ref else ""
    if isinstance(child_id, str) and child_id.startswith(prefix):
        found = supervisor.children.get(child_id.removeprefix(prefix))
        if found is not None:
            return found
    return None if supervisor.spec.strategy is RestartStrategy.DYNAMIC else supervisor.children.get(child_id)


def _info(child: Child) -> ChildInfo:
    status = ChildStatus.RESTARTING if child.is_due else ChildStatus.STOPPED
    if child.is_alive:
        status = ChildStatus.RUNNING
    kind = ChildKind.WORKER if isinstance(child.node, Cell) else ChildKind.SUPERVISOR
    return ChildInfo(child.spec.id, status, kind, child.node.incarnation)


def _counts(supervisor: Supervisor) -> ChildCounts:
    """Counts as OTP does: a dynamic supervisor has one spec, its template, for any number of children."""
    children = supervisor.children
    specs = 1 if supervisor.spec.strategy is RestartStrategy.DYNAMIC else len(children)
    return ChildCounts(specs, children.alive, len(children) - children.workers, children.workers)
