"""The kernel: one pure scheduler for all actors. It knows lanes, time, life and death, and nothing of what is said.

Messages go into one FIFO queue a lane: control (answers, timers) before data. Stops and kills need no lane, they are
carried out between two messages. A handler's sends are appended in place and truncated when it raises, which is the
same as an outbox, since nobody else runs in between.
Time is set by a driver; the kernel never reads a clock.
"""

from collections import deque
from collections.abc import Callable
from typing import Any

from runtime.actor import IGNORE, StartResult, StopResult
from runtime.asks import PendingAsks
from runtime.cell import Cell, CellState
from runtime.context import Context
from runtime.deadletters import DeadCause, DeadLetter, DeadLetters
from runtime.errors import ActorError, UnknownRef
from runtime.lifecycle import Lifecycle
from runtime.mailbox import Entry, Lane, admit, withdraw
from runtime.messages import AskCause, AskFailed, Message, Reason, Ref
from runtime.recorder import Record, Recorder
from runtime.spec import SupervisorSpec
from runtime.timers import TimerQueue

__all__ = ["FaultHook", "Kernel"]

FaultHook = Callable[[Cell, Message], bool]
_NOBODY: Entry = (None, None, None, 0)  # type: ignore[assignment]


class Kernel:
    """Build with a validated tree; a driver starts it, pumps it and moves `now` (ns)."""

    def __init__(self, root: SupervisorSpec, recorder: Recorder, seed: int = 0, fault: FaultHook | None = None) -> None:
        self.now = 0
        self.wall_offset_ns = 0
        self.seed = seed
        self.fault = fault
        self.cells: dict[Ref, Cell] = {}
        self.control: Lane = deque()
        self.data: Lane = deque()
        self.operations: list[tuple[str, Cell, int, Any, str]] = []
        self.in_hand: Entry = _NOBODY
        self.asks = PendingAsks()
        self.outside_answers: dict[int, Message] = {}
        self.timers = TimerQueue()
        self.dead_letters = DeadLetters()
        self.recorder = recorder
        self.recorded_classes = recorder.classes
        self.watchers: dict[Ref, list[Cell]] = {}
        self.handled = 0
        self.life = Lifecycle(self, root)
        self.smallest_bound = min((cell.spec.mailbox for cell in self.cells.values()), default=1)

    # -- sending ------------------------------------------------------------------------------------------------

    def cell(self, ref: Ref) -> Cell:
        """The cell of that name; UnknownRef if there is none."""
        try:
            return self.cells[ref]
        except KeyError:
            raise UnknownRef(f"{ref!r} is not in the tree") from None

    def tell(self, ref: Ref, message: Message) -> None:
        """A message from outside the tree."""
        self.data.append((self.cell(ref), message, None, 0))

    def record(self, message: Message) -> None:
        """Put a message of a recorded class into the decision stream."""
        self.recorder.stream.append(Record(self.now, message))
        self.operations.append(("recorded", self.in_hand[0], 0, None, ""))

    def send_under_pressure(self, entry: Entry) -> None:
        """The slow road to a mailbox: count, and apply the receiver's policy."""
        actor = entry[0].actor
        verdict = admit(self.data, entry, actor.overflow if actor is not None else {})
        if verdict.removed_at is not None:
            self.operations.append(("removed", entry[0], verdict.removed_at, None, ""))
        if verdict.dead is not None:
            self._bury(verdict.dead, DeadCause.REJECTED if verdict.dead is entry else DeadCause.DROPPED)
        if verdict.append:
            self.data.append(entry)
        if verdict.crash:
            self.operations.append(("overflowed", entry[0], 0, entry[1], ""))

    def ask(self, asker: Cell | None, ref: Ref, message: Message, timeout_ns: int) -> int:
        """Open a question; the answer arrives in the control lane of the asker (None: in `outside_answers`)."""
        target = self.cell(ref)
        correlation = self.asks.open(asker, target, self.now + timeout_ns)
        if asker is not None:
            self.operations.append(("asked", asker, correlation, None, ""))
        if type(message) in self.recorded_classes:
            self.record(message)
        self.data.append((target, message, asker, correlation))
        return correlation

    def answer(self, correlation: int, answer: Message) -> None:
        """Deliver an answer; nobody waiting for it any more makes it a dead letter."""
        self.operations.append(("answer", self.in_hand[0], correlation, answer, ""))

    # -- running ------------------------------------------------------------------------------------------------

    def pump(self, budget: int = 1_000_000_000) -> int:
        """Handle up to `budget` messages; returns how many were handled."""
        data, control = self.data, self.control
        operations = self.operations
        done = 0
        while done < budget:
            if control:
                entry = control.popleft()
            elif data:
                entry = data.popleft()
            else:
                break
            done += 1
            self.in_hand = entry
            cell = entry[0]
            mark = len(data)
            try:
                cell.handlers[type(entry[1])](entry[1], cell.context)
                if self.fault is not None and cell.actor is not None and self.fault(cell, entry[1]):
                    raise Killed(f"fault plan kills {cell.ref}")
            except BaseException as error:
                self._roll_back(mark)
                self._bury(entry, DeadCause.CRASH)
                self.life.crashed(cell, error, entry[1])
            else:
                if operations:
                    self._perform()
        self.in_hand = _NOBODY
        self.handled += done
        return done

    def step(self) -> bool:
        """Handle one message, if there is one."""
        return self.pump(1) == 1

    @property
    def is_idle(self) -> bool:
        """No message waits."""
        return not (self.data or self.control)

    def next_timer(self) -> int | None:
        """Time (ns) of the earliest timer or ask deadline, or None."""
        due = self.timers.next_due()
        if self.asks.pending:
            deadline = self.asks.next_deadline()
            if due is None or (deadline is not None and deadline < due):
                return deadline
        return due

    def fire_timers(self) -> None:
        """Fire everything due at `now`, deadlines first (an answer that has not come by now is late)."""
        for correlation in self.asks.expired(self.now):
            self._fail_ask(correlation, AskCause.TIMEOUT)
        while (due := self.timers.next_due()) is not None and due <= self.now:
            self.timers.fire_one()

    # -- life, for the lifecycle --------------------------------------------------------------------------------

    def start_incarnation(self, cell: Cell) -> StartResult:
        """Build and start the next incarnation; raises what its factory or `start` raises, nothing released."""
        self.drop_mail(cell, DeadCause.DOWN)
        cell.incarnation += 1
        cell.state = CellState.STARTING
        mark = len(self.data)
        held, self.in_hand = self.in_hand, (cell, None, None, 0)
        try:
            cell.context = Context(self, cell)
            cell.actor = cell.spec.factory()
            cell.handlers = cell.actor.dispatch()
            result = cell.actor.start(cell.context)
            if not isinstance(result, StartResult):
                raise ActorError(f"{cell.ref}: start returned {result!r}, not STARTED, STARTING or IGNORE")
        except BaseException:
            self._roll_back(mark)
            self.end_incarnation(cell)
            raise
        finally:
            self.in_hand = held
        if result is IGNORE:
            self._roll_back(mark)
            self.end_incarnation(cell)
        self._perform()
        return result

    def stop_incarnation(self, cell: Cell, reason: Reason) -> StopResult:
        """Ask an incarnation to stop; raises what its `stop` raises, nothing released."""
        assert cell.actor is not None
        assert cell.context is not None
        mark = len(self.data)
        held, self.in_hand = self.in_hand, (cell, None, None, 0)
        try:
            result = cell.actor.stop(reason, cell.context)
        except BaseException:
            self._roll_back(mark)
            raise
        finally:
            self.in_hand = held
        self._perform()
        return result

    def end_incarnation(self, cell: Cell) -> None:
        """Nothing of this life reaches the next: mail, timers, questions and watches go."""
        cell.state = CellState.DOWN
        cell.handlers = cell.nobody
        cell.actor = None
        self.drop_mail(cell, DeadCause.RESTART)
        for watchers in self.watchers.values():
            if cell in watchers:
                watchers.remove(cell)
        for correlation in self.asks.of_asker(cell):
            del self.asks.pending[correlation]
        for correlation in self.asks.at_target(cell):
            self._fail_ask(correlation, AskCause.DIED)

    def drop_mail(self, cell: Cell, cause: DeadCause) -> None:
        """What waits for `cell` reaches nobody."""
        for lane in (self.control, self.data):
            for entry in withdraw(lane, cell):
                self._bury(entry, cause)

    def sink(self) -> Callable[[Any, Any], None]:
        """The receiver of what is addressed to nobody."""

        def bury(message: Any, ctx: Any) -> None:
            self._bury(self.in_hand, DeadCause.DOWN)

        return bury

    # -- inside -------------------------------------------------------------------------------------------------

    def _roll_back(self, mark: int) -> None:
        """Drop what the raising handler sent: it is dead, and a recorded class among it is named as lost."""
        for kind, _, number, _, _ in self.operations:
            if kind == "removed" and number < mark:
                mark -= 1
            elif kind == "asked":
                self.asks.forget(number)
            elif kind == "recorded":
                self.recorder.stream.pop()
        dropped = []
        while len(self.data) > mark:
            dropped.append(self.data.pop())
        self.operations.clear()
        for entry in reversed(dropped):
            self._bury(entry, DeadCause.ROLLED_BACK)

    def _bury(self, entry: Entry, cause: DeadCause) -> None:
        self.dead_letters.add(DeadLetter(self.now, entry[0].ref, entry[1], cause))
        self.recorder.lost(self.now, entry[1], cause)

    def _perform(self) -> None:
        """Release the timers, answers and life signs of the handler that has just returned."""
        operations, self.operations[:] = self.operations[:], []
        for kind, cell, number, message, key in operations:
            if kind == "answer":
                self._deliver_answer(number, message, cell)
            elif kind == "after":
                args = (cell, cell.incarnation, message)
                self.timers.set(self.now + number, (cell.ref, key), self._ring, *args)
            elif kind == "cancel":
                self.timers.cancel((cell.ref, key))
            elif kind == "watch":
                watchers = self.watchers.setdefault(Ref(key), [])
                if cell not in watchers:
                    watchers.append(cell)
            elif kind == "started":
                self.life.became_started(cell)
            elif kind == "stopped":
                self.life.became_stopped(cell)
            elif kind == "retarget":
                self.asks.retarget(number, cell)
            elif kind == "overflowed":
                self.life.crashed(cell, ActorError(f"mailbox of {cell.ref} is full"), message)

    def _ring(self, cell: Cell, incarnation: int, message: Message) -> None:
        if cell.is_alive and cell.incarnation == incarnation:
            self.control.append((cell, message, None, 0))

    def _deliver_answer(self, correlation: int, answer: Message, sender: Cell) -> None:
        ask = self.asks.pending.pop(correlation, None)
        if ask is None:
            self._bury((sender, answer, sender, correlation), DeadCause.LATE)
        elif ask.asker is None:
            self.outside_answers[correlation] = answer
        else:
            self.control.append((ask.asker, answer, sender, correlation))

    def _fail_ask(self, correlation: int, cause: AskCause) -> None:
        ask = self.asks.pending.pop(correlation)
        failure = AskFailed(correlation, ask.target.ref, cause)
        if ask.asker is None:
            self.outside_answers[correlation] = failure
        else:
            self.control.append((ask.asker, failure, None, correlation))


class Killed(Exception):
    """Raised in place of a handler's return by a fault plan."""
