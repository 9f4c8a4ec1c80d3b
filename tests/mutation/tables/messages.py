"""A fault for each statement on messages (docs/semantics.md, M)."""

from tests.mutation.numbered import breaks

__all__ = ["MUTANTS"]

MUTANTS = (
    breaks(
        "M1",
        "timers of a raising handler stay",
        "kernel.consequences",
        "        self.operations.clear()\n        mine",
        "        mine",
    ),
    breaks(
        "M2",
        "of two messages the second goes first",
        "kernel.context",
        "self._data.append(Envelope(cell, message, self._cell, 0))",
        "self._data.appendleft(Envelope(cell, message, self._cell, 0))",
    ),
    breaks(
        "M3",
        "data goes before control",
        "kernel.turns",
        "            if control:\n                envelope = control.popleft()\n",
        "            if control and not data:\n                envelope = control.popleft()\n",
    ),
    breaks(
        "M4",
        "the oldest stays and the newest goes",
        "kernel.mailbox",
        "            del lane[position]\n            lane.append(envelope)\n            return Admission((other,))",
        "            return Admission((envelope,))",
    ),
    breaks(
        "M5", "what may not be lost is lost", "kernel.mailbox", "crash=policy.kind is OverflowKind.FATAL", "crash=False"
    ),
    breaks("M6", "nobody is told of a rejection", "kernel.mailboxes", "sender.actor.hears_rejections", "False"),
    breaks(
        "M7",
        "the message in hand is lost without a word",
        "kernel.turns",
        "        self.core.delivery.bury(envelope, DeadCause.CRASH)\n",
        "",
    ),
    breaks(
        "M8",
        "mail to nobody is lost without a word",
        "kernel.delivery",
        "        self.bury_with_question(self.in_hand, DeadCause.DOWN, AskCause.DIED)\n",
        "        pass\n",
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
        "if question.deadline_ns <= now_ns",
        "if question.deadline_ns < now_ns",
        may_hang=True,
    ),
    breaks(
        "M11",
        "a death is told at the deadline only",
        "kernel.delivery",
        "for correlation in self.asks.at_target(cell):",
        "for correlation in ():",
    ),
    breaks(
        "M12",
        "a late answer is lost without a word",
        "kernel.delivery",
        "            self._bury(_OUTSIDE if sender is None else sender.ref, answer, DeadCause.LATE)\n",
        "",
    ),
    breaks("M13", "an actor may ask itself", "kernel.context", "if ref == self.me:", "if False:"),
    breaks(
        "M14",
        "equal timers fire last set, first",
        "kernel.timers",
        "self._sequence = sequence = self._sequence + 1",
        "self._sequence = sequence = self._sequence - 1",
    ),
    breaks("M15", "timers outlive their life", "kernel.incarnation", "    core.timers.drop_all_of(cell)\n", ""),
    breaks(
        "M16",
        "one death more before the refusal",
        "kernel.quarantine",
        "if self._deaths[key] >= limit:",
        "if self._deaths[key] > limit:",
    ),
    breaks("M17", "`started` is not heard", "supervision.lifecycle", "self._lives.started(cell)", "pass"),
    breaks(
        "M18", "a false claim is counted as true", "kernel.statistics", "counts[not condition] += 1", "counts[0] += 1"
    ),
    breaks(
        "M19",
        "each life throws the same dice",
        "kernel.context",
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
        "kernel.watches",
        "self._delivery.push_unbounded(Envelope(watcher, message, about, 0))",
        "self._delivery.data.appendleft(Envelope(watcher, message, about, 0))",
    ),
    breaks(
        "M22",
        "a returned value is ignored",
        "kernel.turns",
        "                    refuse_return(cell.ref, said)\n            except",
        "                    pass\n            except",
    ),
    breaks("M23", "the trap is open", "drivers.trap", "kernel.in_hand is not NOBODY and", "False and"),
    breaks(
        "M24",
        "a raising handler's notes stay",
        "kernel.consequences",
        "            recorded += self._notes",
        "            recorded += 0",
    ),
    breaks(
        "M25",
        "a raising handler's correction stays",
        "kernel.context",
        "        self._operations.append(CorrectWall(self._cell, offset_ns, error_ns, drift_ppm))",
        "        self._clock.correct_wall(offset_ns, error_ns, drift_ppm)",
    ),
    breaks(
        "M26",
        "what a raising handler remembered is kept",
        "kernel.context",
        "self._operations.append(Keep(self._cell, memories))",
        "self._core.memory.keep(Keep(self._cell, memories))",
    ),
)
