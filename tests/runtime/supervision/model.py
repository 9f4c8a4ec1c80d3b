"""What a supervision tree should do, from the contract alone: no messages, no queues, no code of the kernel.

A tree of plain nodes, a clock, and a list of deadlines. What an actor does when it is started or asked to stop is read
from its plan. The output is what an onlooker sees: events, answers to calls, and whether the run ended well.
"""

from collections.abc import Callable, Iterator
from typing import Any

from runtime.messages import Ref
from runtime.spec import ChildSpec, Restart, RestartStrategy, SupervisorSpec
from runtime.supervision.management import DeadSupervisor, Ignored, StartFailed, Verb
from tests.runtime.supervision.calls import serve
from tests.runtime.supervision.nodes import Node, Plan

__all__ = ["Model", "Seen"]

ABNORMAL = ("error", "killed", "start_failed")
Death = tuple[str, int, str]  # path, incarnation, reason
Seen = tuple[int, str, str, int, str]  # time, kind, path, incarnation, reason


class Model:
    """One tree; `start` it, then tell it what happens."""

    def __init__(self, root: SupervisorSpec, plans: dict[str, Plan] | None = None) -> None:
        self.plans = plans if plans is not None else {}
        self.now = 0
        self.seen: list[Seen] = []
        self.answers: dict[int, Any] = {}
        self.deadlines: dict[tuple[str, str], tuple[int, int, Callable[[], None]]] = {}
        self.lives: dict[str, int] = {}
        self.reports: dict[str, int] = {}
        self.was_up = self.is_halting = self.has_failed = False
        self.is_over = False
        self.causes: list[Death] = []
        self._numbers = 0
        self.root = self.new_node(root, None)

    # -- from outside -------------------------------------------------------------------------------------------

    def start(self) -> None:
        self._open(self.root)

    def halt(self) -> None:
        self.is_halting = True
        self._close(self.root)

    def advance(self, until: int) -> None:
        while self.deadlines:
            key = min(self.deadlines, key=lambda key: self.deadlines[key][:2])
            due, _, act = self.deadlines[key]
            if due > until or self.is_over:
                break
            self.now = max(self.now, due)
            del self.deadlines[key]
            act()
        self.now = until

    def nodes(self, top: Node | None = None) -> Iterator[Node]:
        top = self.root if top is None else top
        yield top
        for kid in top.kids:
            yield from self.nodes(kid)

    def find(self, ref: str) -> Node | None:
        return next((node for node in self.nodes() if node.ref == ref), None)

    def tell(self, ref: str, what: str) -> None:
        """The actor handles a word that makes it crash, exit, escalate, get ready or finish."""
        node = self.find(ref)
        if node is None or node.is_group or node.state == "down":
            return
        if what == "ready" and node.state == "starting":
            self._is_up(node)
        elif what == "finish" and node.state == "stopping":
            self._ended_stop(node, "shutdown")
        elif what == "crash":
            self._dies(node, "error")
        elif what == "fatal":
            self._dies(node, "error", fatal=True)
        elif what == "exit":
            self._dies(node, "normal")
        elif what == "escalate":
            parent = self._parent(node)
            self._leaves(node, "error")
            self._clear(node, parent)
            if parent.state != "stopping":
                self._fail(parent, "error" if self.was_up else "start_failed", [self._death(node, "error")])
            self._turn(parent)

    def kill(self, ref: str) -> None:
        node = self.find(ref)
        if node is None or node.state == "down":
            return
        if not node.is_group:
            self._dies(node, "killed")
            return
        self._wipe(node)
        self._gone(node, "killed")

    def manage(self, number: int, ref: str, verb: Verb, argument: Any) -> bool:
        """A call; False when there is no such supervisor."""
        node = self.find(ref)
        if node is None or not node.is_group:
            return False
        if node.state in ("down", "stopping"):
            self.answers[number] = DeadSupervisor(node.ref)
            return True
        node.calls.append((number, verb, argument))
        self._turn(node)
        return True

    # -- actors -------------------------------------------------------------------------------------------------

    def _start_actor(self, node: Node) -> None:
        self.lives[node.ref] = self.lives.get(node.ref, 0) + 1
        self._see("start", node)
        plan = self.plan_of(node)
        node.state = "starting"
        if plan.fails:
            plan.fails -= 1
            self._dies(node, "error")
        elif plan.ignores:
            plan.ignores -= 1
            node.state = "down"
            self._see("ignored", node)
            parent = self._parent(node)
            self._clear(node, parent)
            if not self._is_kept(node, parent):
                parent.kids.remove(node)
            self._reply(node, Ignored(node.spec.id))
            self._turn(parent)
        elif plan.is_slow:
            self._set(node, "init", node.spec.init_ns, lambda: self._dies(node, "error"))
        else:
            self._is_up(node)

    def _is_up(self, node: Node) -> None:
        self._unset(node, "init")
        node.state = "up"
        self._see("started", node)
        self._has_started(node)

    def _has_started(self, node: Node) -> None:
        parent = self._parent(node)
        node.up_since = self.now
        if parent.step is node:
            parent.step = None
        self._reply(node, node.ref)
        self._turn(parent)

    def _stop_actor(self, node: Node) -> None:
        self._see("stop", node)
        self._unset(node, "init")
        plan = self.plan_of(node)
        node.state = "stopping"
        if node.spec.shutdown_ns == 0:
            self._ended_stop(node, "killed")
        elif plan.chokes:
            self._ended_stop(node, "error")
        elif not plan.lingers:
            self._ended_stop(node, "shutdown")
        elif node.spec.shutdown_ns is not None:
            self._set(node, "stop", node.spec.shutdown_ns, lambda: self._ended_stop(node, "killed"))

    def _ended_stop(self, node: Node, reason: str) -> None:
        self._leaves(node, reason)
        self._stopped_as_asked(node)

    def _dies(self, node: Node, reason: str, *, fatal: bool = False) -> None:
        """It ends by itself, in whatever state it is."""
        if node.state == "stopping":
            self._leaves(node, reason)
            if fatal:
                self._fatal([self._death(node, reason)])
            self._stopped_as_asked(node)
            return
        if node.state == "starting":
            reason = "start_failed"
        self._leaves(node, reason)
        self._gone(node, reason, fatal=fatal)

    def _leaves(self, node: Node, reason: str) -> None:
        """The life is over: a failed start when it never came up and was not asked to stop, else a down."""
        if node.state == "starting":
            self._see("start_failed", node, "start_failed")
        else:
            self._see("down", node, reason)
        node.state = "down"
        self._unset(node, "init")
        self._unset(node, "stop")

    # -- supervisors --------------------------------------------------------------------------------------------

    def _open(self, top: Node) -> None:
        self.lives[top.ref] = self.lives.get(top.ref, 0) + 1
        top.state, top.failure, top.restarts = "starting", [], []
        top.kids = self._kids_of(top)
        for kid in top.kids:
            kid.due = True
        self._turn(top)

    def _close(self, top: Node) -> None:
        if top.state in ("stopping", "down"):
            return
        top.state = "stopping"
        self._dismiss(top)
        for kid in top.kids:
            kid.due = False
            self._unhold(kid)
            if kid.here:
                self.doom(kid, top)
        if top.is_dynamic:
            top.step = None  # all together: nobody waits for one that was asked to stop before
        self._turn(top)

    def _wipe(self, top: Node) -> None:
        """Dead at once with all below, last started first."""
        self._unset(top, "stop")
        top.state = "down"
        self._dismiss(top)
        for kid in reversed(top.kids):
            self._unhold(kid)
            is_here = kid.here
            self._clear(kid, top)
            kid.due = False
            if is_here and kid.is_group:
                self._wipe(kid)
            elif is_here and kid.state != "down":
                self._leaves(kid, "killed")
        top.step = None

    def _turn(self, top: Node) -> None:
        if top.is_turning:
            return
        top.is_turning = True
        while top.step is None and self._acts(top):
            pass
        top.is_turning = False

    def _acts(self, top: Node) -> bool:
        """The next thing this supervisor does; False when it has to wait."""
        if top.state == "down":
            return False
        doomed = [kid for kid in top.kids if kid.doomed and not kid.asked]
        if doomed:
            together = top.is_dynamic and top.state == "stopping"
            self._stop_kid(doomed[0] if together else doomed[-1], top)
            if together:
                top.step = None
            return True
        if top.state == "stopping":
            if any(kid.here for kid in top.kids):
                return False
            self._is_closed(top)
            return True
        due = [kid for kid in top.kids if kid.due and not kid.held]
        if due:
            self.start_kid(due[0], top)
            return True
        if top.state == "starting":
            top.state = "up"
            if top.parent is None:
                self.was_up = True
            else:
                self._has_started(top)
            return True
        if top.calls:
            serve(self, top, *top.calls.pop(0))
            return True
        return False

    def start_kid(self, kid: Node, top: Node) -> None:
        kid.due, kid.here, top.step = False, True, kid
        if kid.is_group:
            self._open(kid)
        else:
            self._start_actor(kid)

    def _stop_kid(self, kid: Node, top: Node) -> None:
        kid.asked, top.step = True, kid
        if not kid.is_group:
            self._stop_actor(kid)
        elif kid.spec.shutdown_ns == 0:
            self._overdue(kid)
        else:
            if kid.spec.shutdown_ns is not None:
                self._set(kid, "stop", kid.spec.shutdown_ns, lambda: self._overdue(kid))
            self._close(kid)

    def _overdue(self, top: Node) -> None:
        self._wipe(top)
        self._stopped_as_asked(top)

    def _is_closed(self, top: Node) -> None:
        top.state = "down"
        self._unset(top, "stop")
        failure, top.failure = top.failure, []
        reason = failure[-1][2] if failure else ""
        if failure:
            self._see("start_failed" if reason == "start_failed" else "gave_up", top, reason)
        if top.parent is None:
            self._decide(failure)
            self.is_over = True
        elif failure:
            self._gone(top, reason, chain=failure)
        else:
            self._stopped_as_asked(top)

    # -- what a death means -------------------------------------------------------------------------------------

    def _gone(self, node: Node, reason: str, *, fatal: bool = False, chain: list[Death] | None = None) -> None:
        chain = chain or [self._death(node, reason)]
        if node.parent is None:
            self._decide(chain)
            self.is_over = True
            return
        top = node.parent
        was_doomed = node.doomed
        self._clear(node, top)
        if fatal:
            self._fatal(chain)
        if was_doomed or top.state == "stopping" or self.is_halting:
            self._forget_if_unkept(node, top)
        elif node.call is not None:
            if node.call[1] is Verb.START:
                top.kids.remove(node)
            self._reply(node, StartFailed(node.spec.id, ""))
        elif node.spec.restart is Restart.FATAL:
            self._fatal(chain)
        elif (reason in ABNORMAL and not self.was_up) or (reason == "start_failed" and top.state == "starting"):
            self._fail(top, "start_failed", chain)
        elif not (
            node.spec.restart is Restart.PERMANENT or (node.spec.restart is Restart.TRANSIENT and reason in ABNORMAL)
        ):
            if not self._is_kept(node, top):
                top.kids.remove(node)
        else:
            top.restarts = [*(at for at in top.restarts if self.now - at <= top.spec.period_ns), self.now]
            if len(top.restarts) > top.spec.intensity:
                self._fail(top, "shutdown", chain)
            else:
                self._bring_back(node, top)
        self._turn(top)

    def _bring_back(self, died: Node, top: Node) -> None:
        wait_ns = self._wait_of(died)
        for kid in self._group(died, top):
            self._unhold(kid)
            if kid.here:
                self.doom(kid, top)
            kid.due = True
            kid.held = wait_ns > 0
        if wait_ns:
            died.waits = True
            self._set(died, "wait", wait_ns, lambda: self._waited(died, top))

    def _wait_of(self, died: Node) -> int:
        backoff = died.spec.backoff
        if backoff is None:
            return 0
        died.streak += 1
        steps = died.streak - 2
        return 0 if steps < 0 else int(min(backoff.max_ns, backoff.min_ns * 2**steps))

    def _waited(self, kid: Node, top: Node) -> None:
        for member in self._group(kid, top):
            member.held = False
        kid.waits = False
        self._turn(top)

    def _group(self, died: Node, top: Node) -> list[Node]:
        if top.spec.strategy is RestartStrategy.ONE_FOR_ALL:
            return list(top.kids)
        if top.spec.strategy is RestartStrategy.REST_FOR_ONE:
            return top.kids[top.kids.index(died) :]
        return [died]

    def _fail(self, top: Node, reason: str, chain: list[Death]) -> None:
        top.failure = [*chain, self._death(top, reason)]
        if top.parent is None:
            self._decide(top.failure)
        self._close(top)

    def _fatal(self, chain: list[Death]) -> None:
        self._decide(chain)
        self.halt()

    def _decide(self, chain: list[Death]) -> None:
        """The first death that ends the run is its cause, with what it led to."""
        self.has_failed |= bool(chain)
        self.causes = self.causes or chain

    def _death(self, node: Node, reason: str) -> Death:
        return (str(node.ref), self.lives[node.ref], reason)

    # -- small things -------------------------------------------------------------------------------------------

    def new_node(self, spec: ChildSpec, parent: Node | None) -> Node:
        name = spec.id if parent is None or not parent.ref else f"{parent.ref}/{spec.id}"
        node = Node(spec, Ref(name if parent is not None else ""), parent)
        if isinstance(spec, SupervisorSpec):
            node.kids = self._kids_of(node)
        return node

    def _kids_of(self, top: Node) -> list[Node]:
        """A new life begins with the children of the spec; the places of groups are kept, for their late callers."""
        if top.is_dynamic:
            return []
        kids = []
        for spec in top.spec.children:
            kid = self.new_node(spec, top)
            old = next((old for old in top.kids if old.spec is spec), None)
            if old is not None:
                kid.kids = old.kids
                for grandchild in kid.kids:
                    grandchild.parent = kid
            kids.append(kid)
        return kids

    def plan_of(self, node: Node) -> Plan:
        """Children of one template share a plan."""
        return self.plans.setdefault(node.spec.id.split("-")[0], Plan())

    def _parent(self, node: Node) -> Node:
        assert node.parent is not None
        return node.parent

    def _stopped_as_asked(self, node: Node) -> None:
        top = self._parent(node)
        self._clear(node, top)
        self._forget_if_unkept(node, top)
        self._turn(top)

    def _forget_if_unkept(self, node: Node, top: Node) -> None:
        if not self._is_kept(node, top):
            top.kids.remove(node)
        if node.call is not None and node.call[1] is Verb.TERMINATE:
            self._reply(node, None)
        elif not node.due:
            self._reply(node, DeadSupervisor(top.ref))

    def _is_kept(self, node: Node, top: Node) -> bool:
        return node.spec.restart is not Restart.TEMPORARY and not top.is_dynamic

    def doom(self, kid: Node, top: Node) -> None:
        kid.doomed = True
        if top.step is kid and not kid.asked:
            top.step = None

    def _clear(self, kid: Node, top: Node) -> None:
        """The parent counts it as dead; a life that was long enough has ended its streak."""
        kid.here = kid.doomed = kid.asked = False
        if top.step is kid:
            top.step = None
        since, kid.up_since = kid.up_since, None
        if since is not None and kid.spec.backoff is not None and self.now - since >= kid.spec.backoff.reset_ns:
            kid.streak = 0

    def stop_waiting(self, kid: Node, top: Node) -> None:
        """Nobody wants it any more: the others of its group need not wait for it."""
        kid.due = False
        if kid.waits:
            for member in self._group(kid, top):
                member.held = False
        self._unhold(kid)
        if not self._is_kept(kid, top):
            top.kids.remove(kid)

    def _unhold(self, kid: Node) -> None:
        self._unset(kid, "wait")
        kid.waits = kid.held = False

    def _dismiss(self, top: Node) -> None:
        for kid in top.kids:
            self._reply(kid, DeadSupervisor(top.ref))
        for number, _, _ in top.calls:
            self.answers[number] = DeadSupervisor(top.ref)
        top.calls.clear()

    def _reply(self, kid: Node, result: Any) -> None:
        call, kid.call = kid.call, None
        if call is not None:
            self.answers[call[0]] = result

    def _see(self, kind: str, node: Node, reason: str = "") -> None:
        self.seen.append((self.now, kind, node.ref, self.lives[node.ref], reason))

    def _set(self, node: Node, what: str, delay_ns: int, act: Callable[[], None]) -> None:
        self._numbers += 1
        self.deadlines[node.ref, what] = (self.now + delay_ns, self._numbers, act)

    def _unset(self, node: Node, what: str) -> None:
        self.deadlines.pop((node.ref, what), None)
