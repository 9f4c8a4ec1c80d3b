"""Choosers of faults: a plan followed exactly, or a seed with given rates, which also records its choices as a plan."""

import attrs

from runtime.kernel.faulting import Fault, Turn
from runtime.rng import RandomStream
from runtime.testing.plan import Choice, FaultKind, FaultPlan

__all__ = ["Planned", "Rates", "Seeded"]

_FAULTS = {
    FaultKind.CRASH: Fault(is_crash=True),
    FaultKind.DROP: Fault(is_drop=True),
    FaultKind.DUPLICATE: Fault(is_duplicate=True),
}


class Planned:
    """Follows a plan; of two choices for one turn the first wins."""

    def __init__(self, plan: FaultPlan) -> None:
        self._ahead: dict[int, int] = {}
        self._faults: dict[tuple[int, str, str], Choice] = {}
        for choice in plan.choices:
            if choice.kind is FaultKind.REORDER:
                self._ahead.setdefault(choice.at, choice.ahead)
            else:
                self._faults.setdefault((choice.at, choice.ref, choice.message), choice)

    def ahead(self, turn: int, receivers: int) -> int:
        """The planned number, at most as many as there are others."""
        return min(self._ahead.get(turn, 0), receivers - 1)

    def fault(self, turn: Turn) -> Fault | None:
        """The planned fault for this turn, by its number overall, by receiver, or by receiver and class; or None."""
        keys = (
            (turn.number, "", ""),
            (turn.of_ref, turn.ref, ""),
            (turn.of_ref_and_class, turn.ref, turn.message),
        )
        choice = next((self._faults[key] for key in keys if key in self._faults), None)
        if choice is None:
            return None
        return _FAULTS.get(choice.kind) or Fault(delay_ns=choice.delay_ns)


@attrs.frozen
class Rates:
    """Probability of each fault in a turn and of a reorder; delays are at most `longest_ns`."""

    reorder: float = 0.5
    crash: float = 0.0
    drop: float = 0.0
    duplicate: float = 0.0
    delay: float = 0.0
    longest_ns: int = 1_000_000_000


class Seeded:
    """Chooses by the counter-based random stream of a seed; `plan()` returns its choices."""

    def __init__(self, seed: int, rates: Rates | None = None) -> None:
        self._chance = RandomStream(seed, "faults")
        self._rates = rates or Rates()
        self._seed = seed
        self._chosen: list[Choice] = []

    def plan(self) -> FaultPlan:
        """All choices so far as a plan, which repeats the run without the seed."""
        return FaultPlan(tuple(self._chosen), f"chosen by seed {self._seed}")

    def ahead(self, turn: int, receivers: int) -> int:
        """A random number of other receivers, at the rate of reordering, else 0."""
        if receivers < 2 or self._chance.random() >= self._rates.reorder:
            return 0
        ahead = 1 + int(self._chance.random() * (receivers - 1))
        self._chosen.append(Choice(FaultKind.REORDER, turn, ahead=ahead))
        return ahead

    def fault(self, turn: Turn) -> Fault | None:
        """One draw decides which fault, if any."""
        rates = self._rates
        draw = self._chance.random()
        for kind in (FaultKind.CRASH, FaultKind.DROP, FaultKind.DUPLICATE, FaultKind.DELAY):
            rate: float = getattr(rates, kind.value)
            if draw < rate:
                return self._choose(kind, turn)
            draw -= rate
        return None

    def _choose(self, kind: FaultKind, turn: Turn) -> Fault:
        if kind is FaultKind.DELAY:
            delay_ns = 1 + int(self._chance.random() * (self._rates.longest_ns - 1))
            self._chosen.append(Choice(kind, turn.number, delay_ns=delay_ns))
            return Fault(delay_ns=delay_ns)
        self._chosen.append(Choice(kind, turn.number))
        return _FAULTS[kind]
