"""Delta debugging: reduces a failing plan to the choices that are enough to make the run fail.

Zeller's ddmin gives a plan from which no single choice can be removed; then delays and other numbers are made smaller.
The number of runs is bounded: when they are used up, the best plan so far is returned and marked as maybe not minimal.
"""

from collections.abc import Callable, Sequence

import attrs

from runtime.testing.plan import Choice, FaultKind, FaultPlan

__all__ = ["Shrunk", "shrink"]


@attrs.frozen
class Shrunk:
    """The reduced plan; `is_smallest`: every choice in it is needed."""

    plan: FaultPlan
    runs: int
    is_smallest: bool


class _OutOfRuns(Exception):
    """The bound on runs is reached."""


@attrs.define
class _Search:
    fails: Callable[[FaultPlan], bool]
    note: str
    left: int
    runs: int = 0
    best: tuple[Choice, ...] = ()

    def try_(self, choices: Sequence[Choice]) -> bool:
        """Whether these choices fail too; if so, they are the best so far."""
        if self.left == 0:
            raise _OutOfRuns
        self.left -= 1
        self.runs += 1
        if not self.fails(FaultPlan(tuple(choices), self.note)):
            return False
        self.best = tuple(choices)
        return True


def shrink(plan: FaultPlan, fails: Callable[[FaultPlan], bool], *, most_runs: int = 1_000) -> Shrunk:
    """Reduce `plan`, for which `fails` must be true; `fails` is called at most `most_runs` times."""
    search = _Search(fails, plan.note, most_runs, best=plan.choices)
    try:
        if not search.try_(()):
            _ddmin(search)
            _simplify(search)
        is_smallest = True
    except _OutOfRuns:
        is_smallest = False
    return Shrunk(FaultPlan(search.best, plan.note), search.runs, is_smallest)


def _ddmin(search: _Search) -> None:
    """Remove ever smaller parts until no single choice can be removed."""
    parts = 2
    while len(search.best) >= 2:
        choices = search.best
        size = -(-len(choices) // parts)
        cuts = [choices[start : start + size] for start in range(0, len(choices), size)]
        smaller = any(search.try_(cut) for cut in cuts) if parts == 2 else False
        if not smaller:
            rests = (choices[:start] + choices[start + size :] for start in range(0, len(choices), size))
            smaller = any(search.try_(rest) for rest in rests)
            if smaller:
                parts = max(parts - 1, 2)
                continue
        else:
            parts = 2
            continue
        if size == 1:
            return
        parts = min(parts * 2, len(choices))


def _simplify(search: _Search) -> None:
    """Halve each delay and each `ahead` as long as the run still fails."""
    for number in range(len(search.best)):
        while True:
            choice = search.best[number]
            smaller = _halved(choice)
            if smaller == choice or not search.try_((*search.best[:number], smaller, *search.best[number + 1 :])):
                break


def _halved(choice: Choice) -> Choice:
    if choice.kind is FaultKind.DELAY:
        return attrs.evolve(choice, delay_ns=max(1, choice.delay_ns // 2))
    if choice.kind is FaultKind.REORDER:
        return attrs.evolve(choice, ahead=max(1, choice.ahead // 2))
    return choice
