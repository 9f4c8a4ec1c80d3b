"""Starts `coldframe` again and again in processes of their own, without the seconds of imports: each is a fork.

The argument is the card that they run: what its features need is compiled once. Reads JSON lines: {"argv": [...],
"out": FILE} starts one and prints its pid, {"wait": PID} prints how it has ended.
"""

import importlib
import json
import os
import sys
from pathlib import Path

from actors.app.cli import main
from ideacards.loader import load_card
from ideacards.readiness import bars_to_be_ready


def _start(argv: list[str], out: str) -> int:
    pid = os.fork()
    if pid:
        return pid
    stream = os.open(out, os.O_WRONLY)
    for number in (1, 2):
        os.dup2(stream, number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.argv = ["coldframe", *argv]
    code = 1
    try:
        code = int(main() or 0)
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        sys.stdout.flush()
        os._exit(code)


if __name__ == "__main__":
    importlib.import_module("actors.app.cli.run")  # `main` imports it when it is called
    bars_to_be_ready(load_card(Path(sys.argv[1])))
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            print(os.waitstatus_to_exitcode(os.waitpid(order["wait"], 0)[1]), flush=True)
        else:
            print(_start(order["argv"], order["out"]), flush=True)
