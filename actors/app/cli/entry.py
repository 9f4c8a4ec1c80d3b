"""From arguments to an exit code: 0 done, 2 the user's error, 1 ours, 130 and 143 on signals.

A user's error is a line each on stderr, ours is one line that says where the trace lies; neither shows a traceback.
"""

import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

from actors.app.cli.commands import COMMANDS, help_text

__all__ = ["main"]

USERS_ERROR = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] in ("-h", "--help", "help"):
        print(help_text())
        return 0
    if words[0] == "--version":
        from actors.app.version import coldframe_version

        print(coldframe_version())
        return 0
    command = next((command for command in COMMANDS if command.name == words[0]), None)
    if command is None:
        return _unknown_command(words[0])
    from actors.app.cli.calling import call

    earlier = signal.getsignal(signal.SIGTERM)
    signal.signal(signal.SIGTERM, _terminated)
    try:
        return call(command, words[1:])
    finally:
        signal.signal(signal.SIGTERM, earlier)


def _unknown_command(word: str) -> int:
    from ideacards.errors import nearest

    print(f"{word}: no such command; {nearest(word, [command.name for command in COMMANDS])}", file=sys.stderr)
    return USERS_ERROR


def _terminated(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)
