"""Rules over all files together: no import circle, and one meaning a class name."""

import ast
from collections.abc import Iterable, Iterator

from tests.architecture.source import Offence, Source, imported_names

__all__ = ["class_names_stand_once", "imports_go_round_nowhere"]


def imports_go_round_nowhere(sources: Iterable[Source]) -> Iterator[Offence]:
    """No module imports itself by way of others; imports for type checking count, for a reader follows them too."""
    by_name = {source.module: source for source in sources}
    imports = {name: _imported(source, by_name) for name, source in by_name.items()}
    for circle in _circles(imports):
        first = by_name[circle[0]]
        yield first.offence(1, f"imports go round: {', '.join(circle)}")


def _imported(source: Source, known: dict[str, Source]) -> list[str]:
    found = {}
    for _, name, _ in imported_names(source):
        parent = name.rpartition(".")[0]
        found[name if name in known else parent] = True
    return sorted(name for name in found if name in known and name != source.module)


def _circles(imports: dict[str, list[str]]) -> list[list[str]]:
    """Strongly connected components of more than one module (Tarjan), each sorted."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in imports[name]:
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            circle = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(circle) > 1:
                found.append(sorted(circle))

    for name in imports:
        if name not in index:
            visit(name)
    return found


def class_names_stand_once(sources: Iterable[Source]) -> Iterator[Offence]:
    """A class name has one meaning in the whole project."""
    places: dict[str, str] = {}
    for source in sources:
        for node in ast.walk(source.tree):
            if not isinstance(node, ast.ClassDef):
                continue
            where = places.setdefault(node.name, source.path)
            if where != source.path:
                yield source.offence(node, f"`{node.name}` is a class of {where} too")
