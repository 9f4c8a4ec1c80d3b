"""Calling a command: options are parsed by cyclopts, and whatever goes wrong becomes lines and an exit code."""

import sys
import tempfile
import traceback
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import cyclopts

from actors.app.cli.commands import Command
from actors.model.errors import InputError
from ideacards.errors import CardError

__all__ = ["call"]

OURS, USERS, INTERRUPTED = 1, 2, 130


def call(command: Command, words: Sequence[str]) -> int:
    """Parse `words` for the command's `run` and run it; its own exit code, or the code of what went wrong."""
    name = command.name
    try:
        app = cyclopts.App(
            name=f"coldframe {name}",
            default_command=import_module(command.module).run,
            help_format="plaintext",
            version_flags=(),
            result_action="return_value",
        )
        app["--help"].show = False
        code = app(list(words), exit_on_error=False, print_error=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except cyclopts.CycloptsError as error:
        text = " ".join(str(error).split())
        return _say(f"coldframe {name}: {text}; `coldframe {name} --help` lists the options", USERS)
    except (InputError, CardError) as error:
        return _say("\n".join(problem.text() for problem in error.problems), USERS)
    except KeyboardInterrupt:
        return _say("interrupted", INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()  # the reader has gone, and with it whoever would read a complaint
        return OURS
    except Exception as error:
        return _say(f"{type(error).__name__}: {' '.join(str(error).split())}; the trace is in {_trace_file()}", OURS)


def _say(text: str, code: int) -> int:
    print(text, file=sys.stderr)
    return code


def _trace_file() -> Path:
    """The current traceback in a file of its own."""
    with tempfile.NamedTemporaryFile("w", prefix="coldframe-trace-", suffix=".txt", delete=False) as file:
        traceback.print_exc(file=file)
        return Path(file.name)
