"""Open questions: correlation, asker, target and deadline. Deadlines are checked only when nothing else runs."""

import msgspec

from runtime.kernel.cell import Cell

__all__ = ["PendingAsks", "Question"]


class Question(msgspec.Struct, eq=False):
    """Asked by `asker` (None: from outside the tree), open until `deadline_ns` (kernel time).

    It fails when `target` dies; forwarding changes the target.
    """

    asker: Cell | None
    target: Cell
    deadline_ns: int


class PendingAsks:
    """All unanswered questions by correlation, in the order they were asked."""

    def __init__(self) -> None:
        self.pending: dict[int, Question] = {}
        self.last = 0

    def next_correlation(self) -> int:
        """A correlation that no question, effect or call has used."""
        self.last += 1
        return self.last

    def open(self, asker: Cell | None, target: Cell, deadline_ns: int) -> int:
        """A new question; returns its correlation."""
        self.last = correlation = self.last + 1
        self.pending[correlation] = Question(asker, target, deadline_ns)
        return correlation

    def forget(self, correlation: int) -> None:
        """Remove the question: the handler that asked it raised."""
        self.pending.pop(correlation, None)

    def retarget(self, correlation: int, target: Cell) -> None:
        """The question was forwarded: from now on it fails when `target` dies."""
        question = self.pending.get(correlation)
        if question is not None:
            question.target = target

    def next_deadline(self) -> int | None:
        """Earliest deadline, or None."""
        return min((question.deadline_ns for question in self.pending.values()), default=None)

    def expired(self, now_ns: int) -> list[int]:
        """Correlations whose deadline has passed, oldest first."""
        return [key for key, question in self.pending.items() if question.deadline_ns <= now_ns]

    def of_asker(self, cell: Cell) -> list[int]:
        """Correlations asked by any incarnation of `cell`."""
        return [key for key, question in self.pending.items() if question.asker is cell]

    def at_target(self, cell: Cell) -> list[int]:
        """Correlations put to `cell`."""
        return [key for key, question in self.pending.items() if question.target is cell]
