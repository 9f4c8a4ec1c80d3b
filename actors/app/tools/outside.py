"""Which files and hosts a user's own feature reaches for: a value made of those is no value of its bars.

The prefix run changes bars, not files, so a feature that looks the future up in a file would pass it. Python reports
every opened file and connection to an audit hook; those of the interpreter and of installed libraries are left out.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

__all__ = ["Outside"]

_EVENTS = {"open": "opens", "socket.connect": "connects to"}
_OF_THE_SYSTEM = ("/proc/", "/sys/", "/dev/", "/etc/")


class Outside:
    """Collects what is reached for while `watching` is entered. `own` are the files of the card that may be read."""

    def __init__(self, own: Sequence[Path] = ()) -> None:
        self.seen: dict[str, None] = {}
        self._own = [str(path.resolve()) for path in own]
        self._is_on = False
        self._is_hooked = False

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Note what is opened meanwhile. The hook stays for the life of the process, which Python requires."""
        if not self._is_hooked:
            sys.addaudithook(self._note)
            self._is_hooked = True
        self._is_on = True
        try:
            yield
        finally:
            self._is_on = False

    def _note(self, event: str, args: tuple[object, ...]) -> None:
        if not self._is_on or event not in _EVENTS:
            return
        if event == "socket.connect":
            self.seen[f"connects to {args[1]}"] = None
            return
        if not isinstance(args[0], str | bytes):
            return  # a descriptor, opened before
        name = args[0].decode(errors="replace") if isinstance(args[0], bytes) else args[0]
        path = str(Path(name).absolute())
        if not self._is_expected(path):
            self.seen[f"{_EVENTS[event]} {path}"] = None

    def _is_expected(self, path: str) -> bool:
        """Whether the interpreter, a library or the compiler's cache is read, not data."""
        is_code = path.endswith((".py", ".pyc", ".so", ".pth")) or "__pycache__" in path
        is_installed = path.startswith((sys.prefix, sys.base_prefix, *_OF_THE_SYSTEM))
        return path in self._own or is_installed or is_code
