"""From arguments to an exit code: 0 done, 2 the user's error, 1 ours, 130 and 143 on signals, 141 on a closed pipe.

Each user error is a line on stderr. An error of ours is one line that names the file of the traceback.
"""

import os
import sys
from collections.abc import Sequence

from actors.app.cli.commands import COMMANDS, help_text
from actors.app.cli.stopping import Stopper

__all__ = ["main"]

USERS_ERROR = 2
CLOSED_PIPE = 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    with Stopper() as stopper:
        try:
            code = _run(words, stopper)
            sys.stdout.flush()
            return code
        except KeyboardInterrupt:
            print(stopper.word, file=sys.stderr)
            return stopper.code
        except BrokenPipeError:
            # The reader closed the pipe; the interpreter's last flush must not fail on it.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return CLOSED_PIPE


def _run(words: list[str], stopper: Stopper) -> int:
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

    return call(command, words[1:], stopper)


def _unknown_command(word: str) -> int:
    from ideacards.errors import nearest

    print(f"{word}: no such command; {nearest(word, [command.name for command in COMMANDS])}", file=sys.stderr)
    return USERS_ERROR
