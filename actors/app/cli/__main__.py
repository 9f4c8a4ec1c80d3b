"""`python -m actors.app.cli`."""

import sys

from actors.app.cli.entry import main

__all__: list[str] = []

if __name__ == "__main__":
    sys.exit(main())
