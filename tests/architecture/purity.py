"""What a pure package may not use: clocks, randomness, the environment, threads, and memory addresses.

Time, ids and randomness are inputs there; live drivers, edges, the wire and the application may use them.
"""

import ast
from collections.abc import Iterator

from tests.architecture.source import Offence, Source, dotted, imported_names, is_pure

__all__ = ["actor_is_synchronous", "arithmetic_is_scalar", "no_ambient_input", "no_identity"]

_THREADS = ("threading", "_thread", "concurrent", "multiprocessing", "subprocess", "signal", "numba.prange")
_LOOPS = ("asyncio", "trio", "trio_websocket", "anyio")
_NOW = ("datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today")
_BANNED = {
    "a clock": ("time", "sched", "timeit", *_NOW),
    "ambient randomness": ("random", "secrets", "uuid", "numpy.random"),
    "the environment": ("os", "platform", "getpass", "sys.argv", "sys.flags"),
    "the locale": ("locale", "gettext"),
    "a thread": _THREADS,
    "an event loop": _LOOPS,
}
_WORLD = ("loguru", "logging", "socket", "requests", "urllib", "http", "pathlib", "io", "tempfile", "shutil")
_UNEVEN_SUMS = ("sum", "nansum", "mean", "nanmean", "average", "std", "nanstd", "var", "nanvar", "dot", "convolve")
_UNEVEN = {f"numpy.{name}" for name in (*_UNEVEN_SUMS, "cumsum", "power", "matmul")} | {"math.pow", "math.fsum"}


def _is_below(name: str, tops: tuple[str, ...]) -> bool:
    return any(f"{name}.".startswith(f"{top}.") for top in tops)


def _uses(source: Source) -> Iterator[tuple[ast.AST, str]]:
    """Each import and each dotted name in use, its first part resolved through the imports."""
    local: dict[str, str] = {}
    for statement, name, bound in imported_names(source):
        plain_import = isinstance(statement, ast.Import) and bound == name.partition(".")[0]
        local[bound] = bound if plain_import else name
        yield statement, name
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute | ast.Name) and (name := dotted(node)):
            first, dot, rest = name.partition(".")
            if first in local:
                yield node, local[first] + dot + rest


def no_ambient_input(source: Source) -> Iterator[Offence]:
    """A pure room reads no clock, chance, environment or locale and starts no thread or event loop."""
    if not is_pure(source.path):
        return
    for node, name in _uses(source):
        for kind, tops in _BANNED.items():
            if _is_below(name, tops):
                yield source.offence(node, f"`{name}` is {kind}")


def no_identity(source: Source) -> Iterator[Offence]:
    """id() and hash() differ between processes; `id` bound as an ordinary name of a function is no builtin."""
    if is_pure(source.path):
        yield from _identity(source, source.tree, frozenset())


def _identity(source: Source, scope: ast.AST, bound: frozenset[str]) -> Iterator[Offence]:
    for node in ast.iter_child_nodes(scope):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            inside = {item.arg for item in ast.walk(node.args) if isinstance(item, ast.arg)}
            inside |= {i.id for i in ast.walk(node) if isinstance(i, ast.Name) and isinstance(i.ctx, ast.Store)}
            yield from _identity(source, node, bound | inside)
            continue
        is_builtin = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id not in bound
        if is_builtin and isinstance(node, ast.Name) and node.id in ("id", "hash"):
            yield source.offence(node, f"`{node.id}` differs from process to process")
        yield from _identity(source, node, bound)


def actor_is_synchronous(source: Source) -> Iterator[Offence]:
    """`actors/<name>/actor.py` neither waits nor touches file, socket or log."""
    if not (is_pure(source.path) and source.path.startswith("actors/") and source.path.endswith("/actor.py")):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.AsyncFunctionDef | ast.AsyncFor | ast.AsyncWith | ast.Await):
            yield source.offence(node, "an actor decides at once: no async, no await")
        elif isinstance(node, ast.Call) and dotted(node.func) in ("open", "print", "input"):
            yield source.offence(node, f"`{dotted(node.func)}` is an edge's work")
    for statement, name, _ in imported_names(source):
        if _is_below(name, _WORLD):
            yield source.offence(statement, f"`{name}` is an edge's work")


def arithmetic_is_scalar(source: Source) -> Iterator[Offence]:
    """In the indicators: no `**`, no numpy reduction, no fastmath, no parallel loop (their bytes differ)."""
    if not source.path.startswith("ideacards/indicators"):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Pow):
            yield source.offence(node, "`**` differs between Python and numba: write the product")
        elif isinstance(node, ast.keyword) and node.arg in ("fastmath", "parallel"):
            yield source.offence(node.value, f"`{node.arg}` reorders the arithmetic")
        elif isinstance(node, ast.Call) and dotted(node.func) == "sum":
            yield source.offence(node, "`sum` hides the order of a float sum")
    for use, name in _uses(source):
        if name in _UNEVEN and not isinstance(use, ast.ImportFrom):
            yield source.offence(use, f"`{name}` sums in an order of its own")
