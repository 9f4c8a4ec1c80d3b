"""The inputs of a run, for its result: the card's text, the command line, and the files with their digests.

The list of files holds names without folders; the command holds each path as typed.
"""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from hashlib import blake2b, file_digest
from pathlib import Path
from typing import Any

import attrs

__all__ = ["NO_SOURCES", "Sources", "command_of", "file_facts"]

_PROFILE = "simulator"
_blake2b_128 = partial(blake2b, digest_size=16)


@attrs.frozen
class Sources:
    """As result.json holds them."""

    card_text: str = ""
    command: str = ""
    files: tuple[Mapping[str, str | None], ...] = ()

    def object(self) -> dict[str, Any]:
        """As JSON."""
        return {"card_text": self.card_text, "command": self.command, "files": [dict(file) for file in self.files]}


NO_SOURCES = Sources()


def file_facts(given: Mapping[str, Path]) -> tuple[Mapping[str, str | None], ...]:
    """Option, name and digest of each file; the digest is None if it is not a regular file, such as a pipe."""
    return tuple({"option": option, "name": file.name, "digest": _digest(file)} for option, file in given.items())


def _digest(file: Path) -> str | None:
    """blake2b-128 of the bytes. Only a regular file can be read a second time."""
    if not file.is_file():
        return None
    with file.open("rb") as stream:
        return file_digest(stream, _blake2b_128).hexdigest()


def command_of(cards: Sequence[str], bars: Sequence[str], profile: str, given: Mapping[str, Any]) -> str:
    """The `backtest` command that repeats the run, quoted for a shell; `given` as in `RunFlags`."""
    words = ["coldframe", "backtest", *cards]
    for file in bars:
        words += ["--bars", file]
    if profile != _PROFILE:
        words += ["--profile", profile]
    for name, value in given.items():
        words += _option(f"--{name.replace('_', '-')}", value)
    return shlex.join(words)


def _option(option: str, value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from (option, str(each))
    elif value is True:
        yield option
    elif value is not False:
        yield from (option, str(value))
