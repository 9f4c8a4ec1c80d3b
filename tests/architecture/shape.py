"""The shape of a file: size budgets, the opening docstring, the literal `__all__`; and the names at the tree's top."""

import ast
from collections.abc import Iterable, Iterator

from tests.architecture.source import PACKAGES, Offence, Source

__all__ = ["files_stay_small", "functions_stay_small", "modules_open_with_theory", "names_are_exported", "stray_names"]

SOURCE_LINES = 400
TEST_LINES = 500
FUNCTION_LINES = 60
TOP_LEVEL = {*PACKAGES, "tests", "config", "docs", "benchmarks", ".ci", "coldframe", "pyproject.toml", "README.md"}
TOP_LEVEL |= {"requirements.lock", "requirements-dev.lock", ".gitignore", ".editorconfig"}


def files_stay_small(source: Source) -> Iterator[Offence]:
    """At most 400 lines, tests 500."""
    limit = TEST_LINES if source.path.startswith("tests/") else SOURCE_LINES
    if (lines := source.text.count("\n")) > limit:
        yield source.offence(limit + 1, f"{lines} lines, over the limit of {limit}")


def functions_stay_small(source: Source) -> Iterator[Offence]:
    """At most 60 lines from `def` to the last."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES:
                yield source.offence(node, f"`{node.name}` has {lines} lines, over the limit of {FUNCTION_LINES}")


def modules_open_with_theory(source: Source) -> Iterator[Offence]:
    """A module of the packages says what it is."""
    if source.path.startswith(PACKAGES) and not ast.get_docstring(source.tree):
        yield source.offence(1, "the module does not say what it is: no docstring")


def names_are_exported(source: Source) -> Iterator[Offence]:
    """A module of the packages that defines or imports anything has an `__all__` of plain strings."""
    statements = [node for node in source.tree.body if not isinstance(node, ast.Expr)]
    if not (source.path.startswith(PACKAGES) and statements) or source.path.endswith("/__main__.py"):
        return
    for node in statements:
        if isinstance(node, ast.AugAssign) and getattr(node.target, "id", "") == "__all__":
            yield source.offence(node, "`__all__` is put together: write it out")
    values = [getattr(node, "value", None) for node in statements if "__all__" in _targets(node)]
    if not values:
        yield source.offence(1, "no `__all__`")
    elif not isinstance(values[0], ast.List | ast.Tuple) or not all(map(_is_text, values[0].elts)):
        yield source.offence(statements[0], "`__all__` is not a list of plain strings")


def _targets(node: ast.stmt) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def stray_names(paths: Iterable[str]) -> list[str]:
    """What lies at the top of the tree (of these paths) without a place there."""
    return sorted({path.partition("/")[0] for path in paths} - TOP_LEVEL)
