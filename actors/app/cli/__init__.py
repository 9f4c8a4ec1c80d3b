"""The command line. The entry imports little: `--help` loads neither numpy nor the option parser."""

from actors.app.cli.entry import main

__all__ = ["main"]
