"""The text of a file that the user wrote: UTF-8, of a bounded size."""

import stat
from pathlib import Path

from ideacards.errors import CardError, Problem, nearest

__all__ = ["text_of"]

_MAX_BYTES = 256_000


def text_of(path: Path, kind: str) -> str:
    """The file's text without a byte order mark; CardError if it cannot be read. `kind` names the file: `a card`."""

    def refusal(what: str, hint: str) -> CardError:
        return CardError([Problem(str(path), None, None, "", what, hint)])

    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            found = "a directory" if stat.S_ISDIR(mode) else "not a file"
            raise refusal(f"cannot be read: {found}", f"give the path of {kind}")
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
        if len(content) > _MAX_BYTES:
            raise refusal(f"the file is too large for {kind}", f"at most {_MAX_BYTES} bytes")
        return content.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise refusal(f"is not UTF-8 text (byte {error.start})", "save the file as UTF-8") from None
    except FileNotFoundError:
        raise refusal("no such file", _hint_where(path)) from None
    except (OSError, ValueError) as error:
        what = f"cannot be read: {getattr(error, 'strerror', None) or error}"
        raise refusal(what, f"give the path of {kind}") from None


def _hint_where(path: Path) -> str:
    try:
        return nearest(path.name, sorted(entry.name for entry in path.parent.iterdir()))
    except OSError:
        return f"there is no folder {path.parent}"
