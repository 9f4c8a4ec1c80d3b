"""A fault for each statement on messages (docs/semantics.md, M)."""

from tests.mutation.numbered import breaks

__all__ = ["MUTANTS"]

MUTANTS = (
    breaks(
        "M1",
        "timers of a raising handler stay",
        "kernel.core",
        "        self.operations.clear()\n        mine",
        "        mine",
    ),
    breaks(
        "M2",
        "of two messages the second goes first",
        "context",
        "self._data.append((cell, message, self._cell, 0))",
        "self._data.appendleft((cell, message, self._cell, 0))",
    ),
    breaks(
        "M3",
        "data goes before control",
        "kernel.kernel",
        "            if control:\n                entry = control.popleft()\n",
        "            if control and not data:\n                entry = control.popleft()\n",
    ),
    breaks(
        "M4",
        "the oldest stays and the newest goes",
        "kernel.mailbox",
        "            del lane[position]\n            lane.append(entry)\n            return Admission((other,))",
        "            return Admission((entry,))",
    ),
    breaks(
        "M5", "what may not be lost is lost", "kernel.mailbox", "crash=policy.kind is OverflowKind.FATAL", "crash=False"
    ),
    breaks("M6", "nobody is told of a rejection", "kernel.core", "sender.actor.hears_rejections", "False"),
    breaks(
        "M7",
        "the message in hand is lost without a word",
        "kernel.core",
        "        self.bury(entry, DeadCause.CRASH)\n",
        "",
    ),
    breaks(
        "M8",
        "mail to nobody is lost without a word",
        "kernel.incarnation",
        "        kernel.bury(kernel.in_hand, DeadCause.DOWN)\n",
        "",
    ),
    breaks(
        "M9",
        "a dead letter is not counted",
        "kernel.deadletters",
        "self.counts[type(letter.message).__name__, letter.cause] += 1",
        "pass",
    ),
    breaks(
        "M10",
        "a deadline is a ns late",
        "kernel.asks",
        "if deadline_ns <= now_ns",
        "if deadline_ns < now_ns",
        may_hang=True,
    ),
    breaks(
        "M11",
        "a death is told at the deadline only",
        "kernel.incarnation",
        "for correlation in kernel.asks.at_target(cell):",
        "for correlation in ():",
    ),
    breaks(
        "M12",
        "a late answer is lost without a word",
        "kernel.core",
        "            self._bury(_OUTSIDE if sender is None else sender.ref, answer, DeadCause.LATE)\n",
        "",
    ),
    breaks("M13", "an actor may ask itself", "context", "if ref == self.me:", "if False:"),
    breaks(
        "M14",
        "equal timers fire last set, first",
        "kernel.timers",
        (
            "key: str, message: Any) -> None:\n"
            '        """An actor\'s timer: `message` comes to its control lane at `due_ns`."""\n'
            "        live = cell.timers\n"
            "        self._sequence = sequence = self._sequence + 1\n"
        ),
        (
            "key: str, message: Any) -> None:\n"
            '        """An actor\'s timer: `message` comes to its control lane at `due_ns`."""\n'
            "        live = cell.timers\n"
            "        self._sequence = sequence = self._sequence - 1\n"
        ),
    ),
    breaks("M15", "timers outlive their life", "kernel.incarnation", "    kernel.timers.drop_all_of(cell)\n", ""),
    breaks(
        "M16",
        "one death more before the refusal",
        "kernel.quarantine",
        "if self._deaths[key] >= limit:",
        "if self._deaths[key] > limit:",
    ),
    breaks(
        "M17", "`started` is not heard", "kernel.core", "            self.life.became_started(cell)", "            pass"
    ),
    breaks("M18", "a false claim is counted as true", "kernel.core", "counts[not condition] += 1", "counts[0] += 1"),
    breaks(
        "M19",
        "each life throws the same dice",
        "context",
        'f"{self.me}/{self.incarnation}/{site}"',
        'f"{self.me}/{site}"',
    ),
    breaks(
        "M20",
        "a restart waits a ns",
        "supervision.restarts",
        "        if self.backoff is None:\n            return 0",
        "        if self.backoff is None:\n            return 1",
    ),
    breaks(
        "M21",
        "Down overtakes what the dead had sent",
        "kernel.core",
        "self.data.append((watcher, message, about, 0))",
        "self.data.appendleft((watcher, message, about, 0))",
    ),
    breaks(
        "M22",
        "a returned value is ignored",
        "kernel.kernel",
        "                    refuse_return(cell.ref, said)\n            except",
        "                    pass\n            except",
    ),
    breaks("M23", "the trap is open", "drivers.trap", "kernel.in_hand is not NOBODY and", "False and"),
    breaks(
        "M24",
        "a raising handler's notes stay",
        "kernel.core",
        "            recorded += self._notes",
        "            recorded += 0",
    ),
)
