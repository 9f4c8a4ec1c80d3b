"""What every rule reads: one Python file as text and syntax tree, with its place in the tree.

A rule never touches the disk; `read_sources` does, so a planted offence is a string with an invented path.
"""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

from attrs import field, frozen

__all__ = ["PACKAGES", "ROOT", "Offence", "Rule", "Source", "dotted", "imported_names", "is_pure", "read_sources"]

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("runtime", "actors", "ideacards")
_BYBIT_EDGES = ("actors/bybit/edges/", "actors/bybit/server/")
_IMPURE = ("runtime/drivers/live", "runtime/drivers/trap.py", "runtime/edges/", "actors/app/", *_BYBIT_EDGES)


@frozen
class Offence:
    """What is wrong at a line of a file."""

    path: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


@frozen
class Source:
    """A file: its path from the project's root with `/`, its text, its syntax tree."""

    path: str
    text: str
    tree: ast.Module = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "tree", ast.parse(self.text, self.path))

    @property
    def module(self) -> str:
        """Dotted name; a package's `__init__` has the package's name."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def package(self) -> str:
        """What a relative import of one dot starts from."""
        return self.module if self.path.endswith("/__init__.py") else self.module.rpartition(".")[0]

    def offence(self, node: ast.AST | int, what: str) -> Offence:
        """An offence at that node (or line) of this file."""
        return Offence(self.path, node if isinstance(node, int) else getattr(node, "lineno", 1), what)


Rule = Callable[[Source], Iterator[Offence]]


def is_pure(path: str) -> bool:
    """Where nothing but the message in hand may decide: all but live drivers and the trap, edges, Bybit's server and
    the application."""
    return path.startswith(PACKAGES) and not path.startswith(_IMPURE)


def imported_names(source: Source) -> Iterator[tuple[ast.stmt, str, str]]:
    """Each import as (statement, absolute dotted name, local name); `from a import b` is `a.b`."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node, alias.name, alias.asname or alias.name.partition(".")[0]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = source.package.split(".")[: len(source.package.split(".")) - node.level + 1]
                base = ".".join([*above, *([base] if base else [])])
            for alias in node.names:
                yield node, f"{base}.{alias.name}", alias.asname or alias.name


def dotted(node: ast.expr) -> str:
    """`a.b.c` of a chain of names, or nothing."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (base := dotted(node.value)):
        return f"{base}.{node.attr}"
    return ""


def read_sources(*folders: str) -> list[Source]:
    """Every Python file below these folders, in order."""
    files = (file for folder in folders for file in sorted((ROOT / folder).rglob("*.py")))
    return [Source(file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8")) for file in files]
