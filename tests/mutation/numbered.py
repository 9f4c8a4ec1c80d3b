"""Mutants of numbered statements, whose tests are found by the number: `test_S12_...`, `test_j1_j7_...`."""

import re
from functools import cache

from tests.mutation.mutant import ROOT, Mutant

__all__ = ["breaks", "tests_of"]

_NUMBERED = re.compile(r"def test_((?:[SMDJsmdj]\d+_)+)(\w+)")


@cache
def _numbered() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        where = file.relative_to(ROOT).as_posix()
        for numbers, rest in _NUMBERED.findall(file.read_text(encoding="utf-8")):
            for number in numbers.strip("_").split("_"):
                found.setdefault(number.upper(), []).append(f"{where}::test_{numbers}{rest}")
    return {number: tuple(nodes) for number, nodes in found.items()}


def tests_of(statement: str) -> tuple[str, ...]:
    """The node ids of all tests that carry the statement's number."""
    return _numbered().get(statement, ())


def breaks(statement: str, why: str, module: str, old: str, new: str, *, may_hang: bool = False) -> Mutant:
    """A fault in `runtime.<module>` after which the statement is false: the tests of its number must fail."""
    name = f"{statement}: {why}"
    return Mutant(name, f"runtime.{module}", old, new, tests_of(statement), statement, why, may_hang)
