"""Calling a command: cyclopts parses the options; every error becomes lines on stderr and an exit code."""

import sys
import tempfile
import traceback
from collections.abc import Sequence
from importlib import import_module

import cyclopts

from actors.app.cli.commands import Command
from actors.app.cli.stopping import Stopped, Stopper
from actors.model.errors import ConfigurationError, InputError
from ideacards.errors import CardError
from runtime.journal.errors import JournalFull

__all__ = ["call"]

OURS, USERS = 1, 2


def call(command: Command, words: Sequence[str], stopper: Stopper) -> int:
    """Parse `words` for the command's `run` and run it; its exit code, or the code of the error."""
    name = command.name
    try:
        app = cyclopts.App(
            name=f"coldframe {name}",
            default_command=import_module(command.module).run,
            help_format="plaintext",
            version_flags=(),
            suppress_keyboard_interrupt=False,
            result_action="return_value",
        )
        app["--help"].show = False
        code = app(list(words), exit_on_error=False, print_error=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except cyclopts.CycloptsError as error:
        text = " ".join(str(error).split()).rstrip(".")
        return _say(f"coldframe {name}: {text}; `coldframe {name} --help` lists the options", USERS)
    except (InputError, CardError) as error:
        return _say("\n".join(problem.text() for problem in error.problems), USERS)
    except ConfigurationError as error:
        return _say(" ".join(str(error).split()), USERS)
    except BrokenPipeError:
        raise
    except JournalFull as error:
        return _say(f"--journal: {error}; make room, or write elsewhere", USERS)
    except Exception as error:
        return _ours(error, stopper)


def _ours(error: Exception, stopper: Stopper) -> int:
    """Print one line that names the file of the traceback; re-raise the signal if a signal was the cause."""
    if stopper.number is not None:
        raise Stopped(stopper.number) from error
    return _say(f"{type(error).__name__}: {' '.join(str(error).split())}; {_traced()}", OURS)


def _say(text: str, code: int) -> int:
    print(text, file=sys.stderr)
    return code


def _traced() -> str:
    """Write the current traceback to a new file and return its path."""
    try:
        with tempfile.NamedTemporaryFile("w", prefix="coldframe-trace-", suffix=".txt", delete=False) as file:
            traceback.print_exc(file=file)
            return f"the trace is in {file.name}"
    except OSError as error:
        return f"the trace could not be written: {error.strerror}"
