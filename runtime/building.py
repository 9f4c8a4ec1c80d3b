"""From specs to cells and supervisors, at the kernel's making and whenever a child is added or a branch starts again.

A name that comes back gets its place back, so that incarnations only grow; names that are gone for good are remembered
for a while, so that a late message to one is a dead letter and not its sender's crash.
"""

from typing import TYPE_CHECKING, TypeVar

from runtime.cell import Cell
from runtime.incarnation import sink
from runtime.messages import Ref
from runtime.restarts import Streak
from runtime.rng import RandomStream
from runtime.spec import ActorSpec, ChildSpec, Strategy, SupervisorSpec, child_ref
from runtime.supervisor import Child, Supervisor

if TYPE_CHECKING:
    from runtime.core import Core
    from runtime.lifecycle import Lifecycle

__all__ = ["TreeBuilder"]

Node = TypeVar("Node")
_KEPT_NAMES = 10_000


class TreeBuilder:
    """Fills `kernel.cells` and `supervisors`."""

    def __init__(self, kernel: "Core", life: "Lifecycle") -> None:
        self._kernel = kernel
        self._life = life
        self.supervisors: dict[Ref, Supervisor] = {}
        self._gone_supervisors: dict[Ref, Supervisor] = {}

    def root(self, spec: SupervisorSpec) -> Supervisor:
        """The whole tree, none of it started."""
        return self._supervisor(spec, Ref(""), None)

    def children_of(self, supervisor: Supervisor) -> list[Child]:
        """The children of its spec, in places that exist already; what was added at run time is forgotten."""
        before = {child.spec.id: child for child in supervisor.children}
        fresh = [] if supervisor.spec.strategy is Strategy.DYNAMIC else list(supervisor.spec.children)
        for spec_id in [spec.id for spec in fresh]:
            before.pop(spec_id, None)
        for lost in before.values():
            self.forget(lost.node)
        return [self.child(supervisor, spec) for spec in fresh]

    def child(self, supervisor: Supervisor, spec: ChildSpec) -> Child:
        """A child in its place, not started."""
        ref = child_ref(supervisor.ref, spec.id)
        site = f"backoff/{supervisor.ref}/{supervisor.incarnation}/{spec.id}"
        streak = Streak(spec.backoff, RandomStream(self._kernel.seed, site))
        if isinstance(spec, ActorSpec):
            return Child(spec, self._cell(spec, ref, supervisor), streak)
        known = self.supervisors.get(ref)
        if known is None or known.spec is not spec:
            known = self._supervisor(spec, ref, supervisor)
        return Child(spec, known, streak)

    def forget(self, node: Cell | Supervisor) -> None:
        """Its name is free; the number of its lives is kept, for a namesake."""
        if isinstance(node, Cell):
            self._kernel.cells.pop(node.ref, None)
            _keep(self._kernel.gone, node.ref, node)
            return
        for child in node.children:
            self.forget(child.node)
        self.supervisors.pop(node.ref, None)
        _keep(self._gone_supervisors, node.ref, node)

    def _supervisor(self, spec: SupervisorSpec, ref: Ref, parent: Supervisor | None) -> Supervisor:
        supervisor = Supervisor(spec, ref, parent, self._life)
        earlier = self._gone_supervisors.pop(ref, None)
        if earlier is not None:
            supervisor.incarnation = earlier.incarnation
            supervisor.reports = earlier.reports
        self.supervisors[ref] = supervisor
        supervisor.children = self.children_of(supervisor)
        return supervisor

    def _cell(self, spec: ActorSpec, ref: Ref, supervisor: Supervisor) -> Cell:
        cells, gone = self._kernel.cells, self._kernel.gone
        cell = cells.get(ref) or gone.pop(ref, None)
        if cell is None:
            cell = Cell(ref, spec, supervisor, sink(self._kernel))
        cell.spec = spec
        cell.supervisor = supervisor
        cells[ref] = cell
        self._kernel.bound_by(spec.mailbox)
        return cell


def _keep(names: dict[Ref, Node], ref: Ref, node: Node) -> None:
    names[ref] = node
    if len(names) > _KEPT_NAMES:
        del names[next(iter(names))]
