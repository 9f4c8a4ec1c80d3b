"""Where the command line writes: results on stdout, everything else on stderr; plain text if NO_COLOR is set."""

import os

from rich.console import Console

__all__ = ["aside", "screen"]


def screen() -> Console:
    """Stdout; a pipe or file gets lines of 100 characters whatever the terminal."""
    console = _console(is_error=False)
    return console if console.is_terminal else _console(is_error=False, width=100)


def aside() -> Console:
    """Stderr without line wrapping: a path stays whole."""
    return _console(is_error=True)


def _console(*, is_error: bool, width: int | None = None) -> Console:
    # color_system None drops bold and dim too; rich's own NO_COLOR keeps them.
    if os.environ.get("NO_COLOR"):
        return Console(
            stderr=is_error, color_system=None, highlight=False, markup=False, soft_wrap=is_error, width=width
        )
    return Console(stderr=is_error, highlight=False, markup=False, soft_wrap=is_error, width=width)
