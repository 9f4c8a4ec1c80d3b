"""A fault plan: an explicit list of faults, readable, storable, and replayable without a seed.

A choice names a turn: the n-th message the kernel handles, or the n-th of one receiver (and of one class). A seeded
chooser records its choices in the same form, so a failing run can be stored as a file.
"""

import json
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import attrs

from runtime.errors import KernelError

__all__ = ["Choice", "FaultKind", "FaultPlan", "PlanError"]

_VERSION = 1


class PlanError(KernelError):
    """The text is not a valid fault plan; lists every problem."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


class FaultKind(StrEnum):
    """The handler runs, then raises; the message is lost; handled twice; handled later; or others go first."""

    CRASH = "crash"
    DROP = "drop"
    DUPLICATE = "duplicate"
    DELAY = "delay"
    REORDER = "reorder"


@attrs.frozen
class Choice:
    """A fault at turn `at`, counted from 1 over all turns, or over those of `ref` and of class `message` if given.

    `delay_ns` is for DELAY; `ahead` is for REORDER: how many other receivers' messages are skipped.
    """

    kind: FaultKind
    at: int
    ref: str = ""
    message: str = ""
    delay_ns: int = 0
    ahead: int = 0

    def problems(self) -> list[str]:
        """Every problem of this choice, in words."""
        out = []
        if self.at < 1:
            out.append(f"{self.kind}: at is {self.at}, below 1")
        if (self.kind is FaultKind.DELAY) is (self.delay_ns <= 0):
            out.append(f"{self.kind} at {self.at}: delay_ns is {self.delay_ns}")
        if (self.kind is FaultKind.REORDER) is (self.ahead <= 0):
            out.append(f"{self.kind} at {self.at}: ahead is {self.ahead}")
        if self.kind is FaultKind.REORDER and (self.ref or self.message):
            out.append(f"{self.kind} at {self.at}: a turn is chosen before its receiver is known")
        return out


@attrs.frozen
class FaultPlan:
    """Choices, in no particular order; `note` is for people."""

    choices: tuple[Choice, ...] = ()
    note: str = ""

    def __attrs_post_init__(self) -> None:
        problems = [problem for choice in self.choices for problem in choice.problems()]
        if problems:
            raise PlanError(problems)

    def to_json(self) -> str:
        """JSON that `from_json` reads; default values are left out."""
        rows = [_row(choice) for choice in self.choices]
        return json.dumps({"version": _VERSION, "note": self.note, "choices": rows}, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "FaultPlan":
        """The plan in a JSON text; PlanError with every problem."""
        try:
            found = json.loads(text)
        except json.JSONDecodeError as error:
            raise PlanError([f"line {error.lineno}: {error.msg}"]) from error
        if not isinstance(found, dict) or found.get("version") != _VERSION:
            raise PlanError([f"no fault plan of version {_VERSION}"])
        problems: list[str] = []
        rows = found.get("choices", [])
        choices = [_choice(number, row, problems) for number, row in enumerate(rows)]
        if problems:
            raise PlanError(problems)
        return cls(tuple(choice for choice in choices if choice is not None), str(found.get("note", "")))


def _row(choice: Choice) -> dict[str, Any]:
    row = attrs.asdict(choice)
    return {name: value for name, value in row.items() if value or name in ("kind", "at")}


def _choice(number: int, row: Any, problems: list[str]) -> Choice | None:
    place = f"choices[{number}]"
    known = {field.name: field.type for field in attrs.fields(Choice)}
    if not isinstance(row, dict):
        problems.append(f"{place}: not an object")
        return None
    before = len(problems)
    for name in row:
        if name not in known:
            problems.append(f"{place}: unknown key {name!r} (known: {', '.join(known)})")
    if row.get("kind") not in list(FaultKind):
        problems.append(f"{place}: kind is {row.get('kind')!r}, not one of {', '.join(FaultKind)}")
    for name in ("at", "delay_ns", "ahead"):
        if not isinstance(row.get(name, 1), int) or isinstance(row.get(name), bool):
            problems.append(f"{place}: {name} is {row[name]!r}, not a whole number")
    if "at" not in row:
        problems.append(f"{place}: says not at which turn")
    if len(problems) > before:
        return None
    choice = Choice(**{**row, "kind": FaultKind(row["kind"])})
    problems.extend(f"{place}: {problem}" for problem in choice.problems())
    return choice
