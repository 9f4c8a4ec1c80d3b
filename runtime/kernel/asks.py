"""Questions under way: correlation, who asked whom, until when. Deadlines are looked up only when nothing else runs."""

from runtime.kernel.cell import Cell

__all__ = ["PendingAsk", "PendingAsks"]

PendingAsk = tuple[Cell | None, Cell, int]  # asker (None: from outside the tree), target, deadline (kernel ns)


class PendingAsks:
    """All unanswered questions, in the order they were asked."""

    def __init__(self) -> None:
        self.pending: dict[int, PendingAsk] = {}
        self.last = 0

    def next_correlation(self) -> int:
        """A number that no question, effect or call has had."""
        self.last += 1
        return self.last

    def open(self, asker: Cell | None, target: Cell, deadline_ns: int) -> int:
        """A new correlation."""
        self.last = correlation = self.last + 1
        self.pending[correlation] = (asker, target, deadline_ns)
        return correlation

    def forget(self, correlation: int) -> None:
        """The asking handler raised: it has asked nothing."""
        self.pending.pop(correlation, None)

    def retarget(self, correlation: int, target: Cell) -> None:
        """The question was passed on: from now on it dies with `target`."""
        ask = self.pending.get(correlation)
        if ask is not None:
            self.pending[correlation] = (ask[0], target, ask[2])

    def next_deadline(self) -> int | None:
        """Earliest deadline, or None."""
        return min((deadline_ns for _, _, deadline_ns in self.pending.values()), default=None)

    def expired(self, now_ns: int) -> list[int]:
        """Correlations whose deadline has passed, oldest first."""
        return [key for key, (_, _, deadline_ns) in self.pending.items() if deadline_ns <= now_ns]

    def of_asker(self, cell: Cell) -> list[int]:
        """Correlations asked by any incarnation of `cell`."""
        return [key for key, (asker, _, _) in self.pending.items() if asker is cell]

    def at_target(self, cell: Cell) -> list[int]:
        """Correlations put to `cell`."""
        return [key for key, (_, target, _) in self.pending.items() if target is cell]
