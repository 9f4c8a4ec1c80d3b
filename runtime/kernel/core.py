"""The parts of one kernel, and how they lean on each other. Each part is one idea with a module of its own.

    clock, journal            what time it is; what is written down
    directory, delivery       who is where; what is on its way
    timers, watches, outbox   what comes later; who is told of deaths; what leaves for the world
    memory                    what is known after a restart
    consequences              what a handler leaves behind, released through all of these

Contexts, incarnations and supervision see these parts; `Kernel` on top of them all is what a driver calls.
"""

from collections.abc import Mapping

from runtime.kernel.audit import Audit
from runtime.kernel.clock import KernelClock
from runtime.kernel.consequences import Consequences
from runtime.kernel.delivery import Delivery
from runtime.kernel.directory import Directory
from runtime.kernel.dispatch import Dispatch
from runtime.kernel.journaling import JournalTap
from runtime.kernel.memory import Memory
from runtime.kernel.outbox import Outbox
from runtime.kernel.ports import JournalSink, Port
from runtime.kernel.quarantine import Quarantine
from runtime.kernel.recorder import Recorder
from runtime.kernel.statistics import Coverage
from runtime.kernel.timers import TimerQueue
from runtime.kernel.watches import Watches

__all__ = ["Core"]


class Core:
    """Holds the parts, does nothing itself; no part is ever replaced by another."""

    def __init__(
        self,
        recorder: Recorder,
        seed: int,
        ports: Mapping[str, Port],
        journal: JournalSink | None,
        audit: Audit | None,
        recalled: Mapping[str, Mapping[str, object]] | None = None,
    ) -> None:
        self.seed = seed
        self.recorder = recorder
        self.clock = KernelClock()
        self.journal = JournalTap(self.clock, journal)
        self.delivery = Delivery(self.clock, recorder, audit)
        self.directory = Directory(Dispatch({}, self.delivery.bury_in_hand))
        self.timers = TimerQueue()
        self.watches = Watches(self.delivery, self.directory)
        self.outbox = Outbox(self.clock, self.journal, ports)
        self.memory = Memory(self.clock, self.journal, recalled)
        self.consequences = Consequences(
            self.clock, self.delivery, self.timers, self.watches, self.outbox, self.memory, recorder, self.journal
        )
        self.mailboxes = self.consequences.mailboxes
        self.quarantine = Quarantine(self.delivery.refuse_in_hand)
        self.coverage = Coverage()
