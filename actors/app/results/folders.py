"""A result's folder appears whole or not at all: written beside its place, then renamed into it.

`--force` replaces an earlier result and nothing else, so a wrong folder name destroys no other file.
"""

import errno
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from actors.model.errors import InputError
from ideacards.errors import Problem

__all__ = ["RESULT_FILES", "check_free", "write_whole"]

RESULT_FILES = ("result.json", "orders.csv", "fills.csv", "equity.csv", "report.html")
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_ELSEWHERE = "give another folder"
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def check_free(folder: Path, *, is_forced: bool, own: Collection[str] = RESULT_FILES, whole: str = "a result") -> None:
    """InputError if `folder` cannot become the folder of `whole`, or holds something and is not forced.

    Forced, it may hold what is named in `own` and nothing else.
    """
    place = folder.absolute()
    if place.is_symlink():
        raise _problem(folder, "is a link")
    there = next(step for step in (place, *place.parents) if step.exists())
    if not there.is_dir():
        raise _problem(folder, "is a file" if there == place else f"{there} is a file")
    if not os.access(place.parent if place.exists() else there, os.W_OK | os.X_OK):
        raise _problem(folder, "cannot be written: permission denied")
    if not place.exists():
        return
    if Path.cwd().is_relative_to(place.resolve()):
        raise _problem(folder, "is the folder you are in, or one above it")
    names = sorted(path.name for path in place.iterdir())
    if names and not is_forced:
        raise _problem(folder, "is not empty", f"{_ELSEWHERE}, or --force to replace an earlier result")
    strange = next((name for name in names if name not in own), None)
    if strange is not None:
        kept = "--force will not delete it" if whole == "a result" else "it would be deleted"
        raise _problem(folder, f"holds `{strange}`, which is no part of {whole}; {kept}")


def write_whole(folder: Path, write: Callable[[Path], None]) -> None:
    """Call `write` with a temporary folder, then rename it to `folder`; on any failure nothing is left."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise _problem(folder, f"cannot be written: {error.strerror}") from error
    try:
        write(beside)
        beside.chmod(0o755)
        with _uninterrupted():
            _take_place(beside, folder)
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        raise _problem(folder, f"cannot be written: {error.strerror}") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _take_place(beside: Path, folder: Path) -> None:
    """Rename; an earlier folder steps aside first and goes when the new one stands."""
    if not folder.exists():
        os.rename(beside, folder)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
    os.rename(folder, old / "was")
    try:
        os.rename(beside, folder)
    except OSError:
        os.rename(old / "was", folder)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Signals wait until the renames are done."""
    earlier = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, earlier)


def _problem(folder: Path, what: str, hint: str = _ELSEWHERE) -> InputError:
    return InputError([Problem("--out", None, None, str(folder), what, hint)])
