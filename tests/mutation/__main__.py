"""`python -P -m tests.mutation [WORD...]`: run the mutants whose table, name, module or statement has one of the words.

It prints a line for each and a closing line; the exit code is 0 only if each was killed, or survived for its reason.
"""

import os
import sys
import time
from importlib import import_module
from pkgutil import iter_modules

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # no threads may run at a fork

import hypothesis  # noqa: F401 (for the children)
import numpy  # noqa: F401
import pytest_trio  # type: ignore[import-untyped,unused-ignore]  # noqa: F401
import trio  # noqa: F401

from tests.mutation import tables
from tests.mutation.mutant import Mutant
from tests.mutation.runner import Result, run


def main(words: list[str]) -> int:
    """Run those chosen, or all; 1 if one is not as its table says, 2 if none is chosen or a name stands twice."""
    found: dict[str, Mutant] = {}
    chosen = []
    for module in iter_modules(tables.__path__):
        for mutant in import_module(f"tests.mutation.tables.{module.name}").MUTANTS:
            if mutant.name in found:
                print(f"mutants: two are named {mutant.name}", file=sys.stderr)
                return 2
            found[mutant.name] = mutant
            labels = (module.name, mutant.name, mutant.module, mutant.statement)
            if not words or any(word == mutant.statement or word in " ".join(labels[:3]) for word in words):
                chosen.append(mutant)
    if not chosen:
        print(f"mutants: none of {len(found)} has {' or '.join(words)}", file=sys.stderr)
        return 2
    begun = time.monotonic()
    results: list[Result] = []
    for result in run(chosen):
        results.append(result)
        if words or not result.is_right:
            print(result, flush=True)
    killed = sum(result.verdict.value == "killed" for result in results)
    reasons = sum(bool(result.mutant.survives) for result in results)
    wrong = sum(not result.is_right for result in results)
    took = f"{time.monotonic() - begun:.0f}s"
    print(f"mutants: {killed} of {len(results)} killed, {reasons} survive for a reason, {wrong} wrong, in {took}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
