"""Plants small faults in a room's code and counts those that the room's own tests find.

A mutant is one change of one place: a comparison swapped, a condition negated, a number off by one, a statement
dropped. Each runs in a forked child that imports the mutated module in place of the file, so no file is touched.
Survivors are printed: write a test of the behaviour that kills one, or state the reason in tests/mutation.

    python -P -m benchmarks.mutants actors/reconciler/actor.py --tests tests/actors/reconciler --out survivors.jsonl
"""

import argparse
import ast
import copy
import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

__all__ = ["Mutant", "mutants_of", "run_mutant", "warm_up"]

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.FloorDiv: ast.Mult,
}
_CHANGEABLE = (
    ast.Compare, ast.BoolOp, ast.If, ast.IfExp, ast.While, ast.BinOp, ast.Constant, ast.Call, ast.UnaryOp, ast.Expr,
    ast.Assign, ast.Raise, ast.Break, ast.Continue, ast.Delete, ast.AugAssign, ast.Return,
)  # fmt: skip
_OTHER_NAME = {"min": "max", "max": "min", "all": "any", "any": "all"}
_VERDICTS = {0: "survived", 1: "killed", 2: "killed", 4: "killed"}  # pytest's exits: passed, failed, not importable


class Mutant(msgspec.Struct, frozen=True):
    """`change` in words, at `line` of the unchanged file; `source` is the whole mutated text."""

    path: str
    line: int
    change: str
    source: str


def mutants_of(path: str) -> Iterator[Mutant]:
    """Every single change of the file, in the order of its lines."""
    tree = ast.parse(Path(path).read_text(encoding="utf-8"))
    changeable = [(number, node) for number, node in enumerate(ast.walk(tree)) if isinstance(node, _CHANGEABLE)]
    found = [(number, variant) for number, node in changeable for variant in range(_variants(node))]
    skipped = _skipped(tree)
    out = []
    for number, variant in found:
        if number in skipped:
            continue
        mutated = copy.deepcopy(tree)
        nodes = list(ast.walk(mutated))
        before = ast.unparse(nodes[number])
        line = getattr(nodes[number], "lineno", 0)
        after = _apply(mutated, nodes[number], variant)
        if after is not None and after != before:
            shown = f"{before.splitlines()[0]}  ->  {after.splitlines()[0]}"
            out.append(Mutant(path, line, shown, ast.unparse(mutated)))
    yield from sorted(out, key=lambda mutant: mutant.line)


def _variants(node: ast.AST) -> int:
    return 2 if isinstance(node, ast.If | ast.IfExp | ast.While | ast.BoolOp) else 1


def _skipped(tree: ast.Module) -> set[int]:
    """Numbers of nodes without behaviour: annotations, docstrings, decorators, assertions, defaults of classes."""
    numbers = {id(node): number for number, node in enumerate(ast.walk(tree))}
    out: set[int] = set()

    def skip(node: ast.AST | None) -> None:
        if node is not None:
            out.update(numbers[id(inner)] for inner in ast.walk(node))

    for node in ast.walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign):
            skip(node.annotation)
        if isinstance(node, ast.FunctionDef):
            skip(node.returns)
            for decorator in node.decorator_list:
                skip(decorator)
        if isinstance(node, ast.Assert | ast.Raise | ast.JoinedStr | ast.Import | ast.ImportFrom):
            for inner in ast.iter_child_nodes(node):
                skip(inner)
        if isinstance(node, ast.Assert) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            skip(node)
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.BinOp):
            skip(node.slice)  # a type
    return out


def _apply(tree: ast.Module, node: ast.AST, variant: int) -> str | None:
    """Change the node in place; what stands there now, None where nothing can be changed."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        node.ops[0] = _COMPARISONS[type(node.ops[0])]()
        return ast.unparse(node)
    if isinstance(node, ast.Compare):
        node.ops[0] = _COMPARISONS[type(node.ops[0])]()
        return ast.unparse(node)
    if isinstance(node, ast.BoolOp):
        if variant == 0:
            node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        else:
            node.values.pop()
        return ast.unparse(node)
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        node.test = ast.UnaryOp(ast.Not(), node.test) if variant == 0 else ast.Constant(False)
        ast.fix_missing_locations(tree)
        return ast.unparse(node)
    if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        node.op = _ARITHMETIC[type(node.op)]()
        return ast.unparse(node)
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        node.value = not node.value if isinstance(node.value, bool) else node.value + 1
        return ast.unparse(node)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _OTHER_NAME:
        node.func.id = _OTHER_NAME[node.func.id]
        return ast.unparse(node)
    return _replace(tree, node)


def _replace(tree: ast.Module, node: ast.AST) -> str | None:
    """A negation or a sign taken away, a statement dropped."""
    if isinstance(node, ast.UnaryOp):
        return _put(tree, node, node.operand)
    is_effect = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    is_change = isinstance(node, ast.Assign) and not isinstance(node.targets[0], ast.Name | ast.Tuple)
    is_jump = isinstance(node, ast.Raise | ast.Break | ast.Continue | ast.Delete | ast.AugAssign)
    if is_effect or is_change or is_jump or (isinstance(node, ast.Return) and node.value is None):
        return _put(tree, node, ast.Pass())
    return None


def _put(tree: ast.Module, node: ast.AST, new: ast.AST) -> str:
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is node:
                setattr(parent, name, new)
            elif isinstance(value, list) and any(inner is node for inner in value):
                value[:] = [new if inner is node else inner for inner in value]
    ast.fix_missing_locations(tree)
    return ast.unparse(new)


class _Planted(MetaPathFinder, Loader):
    """Gives one module from a text."""

    def __init__(self, name: str, source: str, path: str) -> None:
        self._name, self._source, self._path = name, source, path

    def find_spec(self, name: str, path: Any = None, target: ModuleType | None = None) -> ModuleSpec | None:
        return spec_from_loader(name, self, origin=self._path) if name == self._name else None

    def exec_module(self, module: ModuleType) -> None:
        module.__file__ = self._path
        exec(compile(self._source, self._path, "exec"), module.__dict__)


def run_mutant(mutant: Mutant, tests: list[str], seconds: int) -> str:
    """`killed`, `survived` or `timeout`, from a forked child with that much processor time."""
    child = os.fork()
    if child == 0:
        _in_child(mutant, tests, seconds)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return "timeout"
    code = os.WEXITSTATUS(status)
    if code not in _VERDICTS:
        raise RuntimeError(f"{mutant.path}:{mutant.line}: the tests did not run, exit {code}")
    return _VERDICTS[code]


def _in_child(mutant: Mutant, tests: list[str], seconds: int) -> None:
    code = 99
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        name = mutant.path.removesuffix(".py").replace("/", ".")
        sys.meta_path.insert(0, _Planted(name, mutant.source, mutant.path))
        import pytest

        quiet = ["-x", "-q", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
        code = int(pytest.main([*tests, *quiet]))
    finally:
        os._exit(code)


def warm_up() -> None:
    """Import what no mutant is in, once for all children; a failing property need not be shrunk to count."""
    import hypothesis
    import numpy
    import pytest
    import trio

    import runtime.testing

    assert all((numpy, pytest, trio, runtime.testing))
    phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
    hypothesis.settings.register_profile("mutants", phases=phases)
    hypothesis.settings.load_profile("mutants")


def main() -> None:
    """Run from the project's folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--tests", nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True, help="a line of JSON a mutant")
    parser.add_argument("--seconds", type=int, default=60, help="processor time of one mutant")
    parser.add_argument("--again", type=Path, help="only what survived in this earlier --out file")
    parser.add_argument("--lines", help="only these lines, as 10-50")
    given = parser.parse_args()
    first, last = (int(part) for part in (given.lines or "0-100000").split("-"))
    chosen = None
    if given.again is not None:
        rows = [json.loads(line) for line in given.again.read_text(encoding="utf-8").splitlines()]
        chosen = {(row["path"], row["change"]) for row in rows if row["verdict"] == "survived"}
    warm_up()
    plain = Mutant(given.files[0], 0, "none", Path(given.files[0]).read_text(encoding="utf-8"))
    if run_mutant(plain, given.tests, given.seconds) != "survived":
        raise SystemExit("the tests fail without a mutant")
    counts = {"killed": 0, "timeout": 0, "survived": 0}
    with given.out.open("w", encoding="utf-8") as out:
        for path in given.files:
            for mutant in mutants_of(path):
                if not first <= mutant.line <= last or (chosen is not None and (path, mutant.change) not in chosen):
                    continue
                start = time.monotonic()
                verdict = run_mutant(mutant, given.tests, given.seconds)
                counts[verdict] += 1
                row = {"path": path, "line": mutant.line, "change": mutant.change, "verdict": verdict}
                out.write(json.dumps(row | {"seconds": round(time.monotonic() - start, 1)}) + "\n")
                out.flush()
                if verdict == "survived":
                    print(f"{path}:{mutant.line}: {mutant.change}", flush=True)
    print(counts)


if __name__ == "__main__":
    main()
