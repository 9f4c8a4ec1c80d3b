"""The command line. This package's front is light: `--help` imports neither numpy nor the options' parser."""

from actors.app.cli.entry import main

__all__ = ["main"]
