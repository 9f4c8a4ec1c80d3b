"""One planted fault, and how a process comes to run with it: an import hook changes the source of one module.

No file is edited, so a run that is cut off leaves nothing behind. `old` must stand in the module exactly once: a table
that no longer fits its code fails instead of testing nothing.
"""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from attrs import frozen

__all__ = ["ROOT", "Mutant", "MutantFinder"]

ROOT = Path(__file__).resolve().parents[2]


@frozen
class Mutant:
    """`old` becomes `new` in `module`, and one of `tests` (pytest node ids) must fail.

    `statement` is the numbered statement it breaks ("S12"), or empty; `why` says what the fault is. `may_hang`: running
    past the limit is a kill too. `survives` gives the reason why no test can tell; such a mutant must survive.
    """

    name: str
    module: str
    old: str
    new: str
    tests: tuple[str, ...]
    statement: str = ""
    why: str = ""
    may_hang: bool = False
    survives: str = ""

    @property
    def path(self) -> Path:
        """The file of its module."""
        base = ROOT / self.module.replace(".", "/")
        return base / "__init__.py" if base.is_dir() else base.with_suffix(".py")

    def mutated(self, text: str) -> str:
        """The module's text with the fault."""
        return text.replace(self.old, self.new)

    def staleness(self) -> str:
        """Why it does not fit the code any more, or nothing."""
        if not self.path.is_file():
            return f"there is no module {self.module}"
        text = self.path.read_text(encoding="utf-8")
        if (count := text.count(self.old)) != 1:
            return f"{self.module} has this text {count} times, not once: {self.old!r}"
        if self.old == self.new:
            return "it changes nothing"
        try:
            compile(self.mutated(text), str(self.path), "exec")
        except SyntaxError as error:
            return f"{self.module} is no Python with the fault: {error}"
        missing = [node for node in self.tests if not (ROOT / node.partition("::")[0]).exists()]
        return f"no such test file: {', '.join(missing)}" if missing else ""


class _Loader(SourceFileLoader):
    """Compiles the changed source, past any stored bytecode."""

    def __init__(self, mutant: Mutant) -> None:
        super().__init__(mutant.module, str(mutant.path))
        self._mutant = mutant

    def get_code(self, fullname: str) -> CodeType:
        text = self._mutant.mutated(self._mutant.path.read_text(encoding="utf-8"))
        return compile(text, self.path, "exec", dont_inherit=True)


class MutantFinder(MetaPathFinder):
    """Goes in front of `sys.meta_path`; `was_imported` tells whether the module was ever asked for."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant
        self.was_imported = False

    def install(self) -> None:
        """From now on this process runs with the fault."""
        assert self._mutant.module not in sys.modules, f"{self._mutant.module} is imported already"
        sys.meta_path.insert(0, self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._mutant.module:
            return None
        found = PathFinder.find_spec(fullname, path, target)
        if found is not None:
            self.was_imported = True
            found.loader = _Loader(self._mutant)
        return found
