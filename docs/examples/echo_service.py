"""The echo as a service: `python -m docs.examples.echo_service --journal DIR`, then `nc` as it prints.

Trio runs the edges, a journal records inputs and outputs, health has its own port, and systemd is notified if it
listens. Ctrl-C stops it in order.
"""

import argparse
import json
import sys
from pathlib import Path

from docs.examples.echo import CODEC, echo_kernel
from runtime.edges.disk import FolderDisk
from runtime.edges.health import Health
from runtime.edges.lines import LineServer
from runtime.edges.service import run_service
from runtime.journal.boundary import Boundary
from runtime.journal.format import ENDED, HEADER
from runtime.journal.log import open_log

__all__ = ["main"]


def main(argv: list[str] | None = None) -> int:
    """Run until stopped; returns the exit code of `run_service`."""
    options = argparse.ArgumentParser(description="A supervised echo.")
    options.add_argument("--port", type=int, default=0, help="where to listen; 0 takes a free one")
    options.add_argument("--journal", type=Path, required=True, help="the journal's folder")
    chosen = options.parse_args(argv)

    log = open_log(FolderDisk(chosen.journal))
    print(f"journal: {log.found.state.value}, {log.found.record_count} records", file=sys.stderr)
    log.append(HEADER, 0, json.dumps({"run_id": "echo", "port": chosen.port}).encode())
    boundary = Boundary(log, CODEC)
    kernel = echo_kernel(boundary, chosen.port)
    boundary.kernel = kernel
    server = LineServer()

    def is_up(health: Health) -> None:
        print(f"up; health at http://127.0.0.1:{health.port}/health; call it: nc 127.0.0.1 {server.port}", flush=True)

    code = run_service(kernel, {"listen": server.serve, "say": server.say}, store=log, on_up=is_up)
    if log.failure is None:
        log.append(ENDED, kernel.now, b"{}")
    log.close()
    return code


if __name__ == "__main__":
    sys.exit(main())
