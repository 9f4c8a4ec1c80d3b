"""Random traffic of three actors: no message is lost unreported, no bound is exceeded, and every count agrees.

The counts are those of the actors' own diary, not of the kernel. M numbers: docs/semantics.md.
"""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings

from runtime.kernel.audit import Audit
from runtime.kernel.consequences import Consequences
from runtime.kernel.deadletters import DeadCause, DeadLetters
from runtime.kernel.envelope import Envelope, Lane
from runtime.kernel.faulting import Faults
from runtime.kernel.kernel import Kernel
from runtime.kernel.mailbox import Admission
from runtime.kernel.mailboxes import Mailboxes
from runtime.kernel.timers import TimerQueue
from runtime.testing import FaultPlan, Planned, Seeded
from tests.runtime.mailboxes.traffic import Asked, Program, Told, World, programs

SEEDS = 20
PLAIN = (Told, Asked)


class Listener:
    """A journal that keeps nothing."""

    def record(self, kind: str, now_ns: int, payload: tuple[Any, ...]) -> int:
        return 0


def conserved(world: World) -> None:
    """Said = handled + dead + waiting, by class, by the diary."""
    for kind in PLAIN:
        said = sum(type(message) is kind for _, message in world.diary.said)
        handled = sum(type(message) is kind for _, _, message in world.diary.handled)
        assert said == handled + world.dead(kind) + world.waiting(kind), kind.__name__


def within_bounds(world: World) -> None:
    for name, depth in world.depths().items():
        assert depth <= world.program.bounds[name], f"{name} holds {depth}"


def in_order(world: World) -> None:
    """Of one sender to one receiver; a conflated message takes an older one's place."""
    for (sender, receiver), numbers in world.diary.pairs().items():
        if world.program.policies[receiver] != "conflate":
            assert numbers == sorted(numbers), f"{sender} to {receiver}"


def atomic(world: World) -> None:
    """Nothing that a crashed handler said is ever handled."""
    for name, _, message in world.diary.handled:
        assert getattr(message, "number", 0) not in world.diary.void, f"{name} heard of a crash's {message}"


def all_of_it(world: World) -> None:
    assert world.diary.strays == []
    atomic(world)
    conserved(world)
    within_bounds(world)
    in_order(world)


def judged(program: Program) -> None:
    """The claims of one program under the kernel's own loop and under the audited one."""
    plain = World(program, check=all_of_it).play()
    all_of_it(plain)
    audit = Audit()
    audited = World(program, audit=audit, check=all_of_it).play()
    assert audit.balance(audited.kernel) == {}
    assert audited.story() == plain.story()


@pytest.mark.slow
@settings(max_examples=600, suppress_health_check=[HealthCheck.too_slow])
@given(program=programs())
def test_M9_nothing_is_lost_without_a_word_and_no_bound_is_passed(program: Program) -> None:
    judged(program)
    world = World(program).play()
    causes = sorted({cause.value for _, cause in world.kernel.dead_letters.counts})
    event(", ".join(causes) or "nobody died")


@pytest.mark.slow
@settings(max_examples=300)
@given(program=programs())
def test_every_loop_tells_the_same_story(program: Program) -> None:
    story = World(program).play().story()
    assert World(program, journal=Listener()).play().story() == story
    assert World(program, faults=Faults(Planned(FaultPlan()))).play().story() == story


@pytest.mark.slow
@settings(max_examples=300)
@given(program=programs())
def test_the_cheap_bound_is_the_counter_of_each_mailbox(program: Program) -> None:
    """Counted at every turn, whatever the length of the queue."""
    story = World(program).play().story()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Mailboxes, "opened", lambda self, bound: setattr(self, "smallest_bound", -1))
        assert World(program).play().story() == story


@pytest.mark.slow
@settings(max_examples=100)
@given(program=programs())
def test_the_claims_hold_whoever_goes_first(program: Program) -> None:
    """M2, M9, M15 under twenty schedulers; what is handled may differ, what is promised may not."""
    for seed in range(SEEDS):
        world = World(program, faults=Faults(Seeded(seed)), check=all_of_it).play()
        all_of_it(world)


# -- planted faults ---------------------------------------------------------------------------------------------------


def a_rejected_message_vanishes(patch: pytest.MonkeyPatch) -> None:
    add = DeadLetters.add

    def forgetful(self: DeadLetters, letter: Any) -> None:
        if letter.cause is not DeadCause.REJECTED:
            add(self, letter)

    patch.setattr(DeadLetters, "add", forgetful)


def a_crash_releases_what_it_sent(patch: pytest.MonkeyPatch) -> None:
    roll_back = Consequences.roll_back

    def keep(self: Consequences, mark: int) -> None:
        roll_back(self, len(self._delivery.data))

    patch.setattr(Consequences, "roll_back", keep)


def a_mailbox_takes_one_more(patch: pytest.MonkeyPatch) -> None:
    from runtime.kernel import mailbox, mailboxes

    def generous(lane: Lane, envelope: Envelope, depth: int, policies: Any) -> Admission:
        return mailbox.admit(lane, envelope, depth - 1, policies)

    patch.setattr(mailboxes, "admit", generous)


def the_newest_goes_first(patch: pytest.MonkeyPatch) -> None:
    step = Kernel.step

    def hasty(self: Kernel) -> bool:
        if len(self.data) > 1 and self.data[0].receiver is self.data[1].receiver:
            self.data[0], self.data[1] = self.data[1], self.data[0]
        return step(self)

    patch.setattr(Kernel, "step", hasty)


def timers_outlive_their_life(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(TimerQueue, "drop_all_of", lambda self, *given: None)


@pytest.mark.slow
@pytest.mark.parametrize(
    "plant",
    [
        a_rejected_message_vanishes,
        a_crash_releases_what_it_sent,
        a_mailbox_takes_one_more,
        the_newest_goes_first,
        timers_outlive_their_life,
    ],
)
def test_a_kernel_that_breaks_a_promise_is_found_out(
    plant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    find = settings(max_examples=500, phases=(Phase.generate,), suppress_health_check=list(HealthCheck))(
        given(program=programs())(judged)
    )
    with pytest.raises((AssertionError, KeyError, IndexError)):
        find()
