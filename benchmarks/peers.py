"""Runs the peers' own scripts: `<name>_bench.py` in a folder of the user's, each with its peer's Python.

None of them is part of this project. A script prints one line of JSON with its bars a second (median) and
`seconds_min`. Peers that compile do not count their first run.
"""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import attrs

__all__ = ["PeerFailed", "PeerRun", "Peers", "Rate"]

_TIMEOUT_S = 900
_SLOW_AVERAGES = (
    "import sys, bench_common as c; c.FAST, c.SLOW = 120, 260; import vectorbt_bench; vectorbt_bench.main()"
)


class PeerFailed(Exception):
    """A peer's script has not printed its line of JSON."""


@attrs.frozen
class Rate:
    """Bars a second, and the memory of the process at its peak."""

    median: float
    best: float
    peak_rss_mb: float
    fills: int | None


@attrs.frozen
class PeerRun:
    """One run of a script; `label` is what the table calls it.

    `is_sparse` has the averages' lengths changed; `is_once` is for the slow ones, run in the first round only.
    """

    label: str
    script: str
    variant: str
    bars: int
    repeats: int
    words: tuple[str, ...] = ()
    is_sparse: bool = False
    is_once: bool = False


@attrs.frozen
class Peers:
    """`folder` holds the scripts, `pythons` maps a script's name to its interpreter; what is not there is not run."""

    folder: Path | None
    pythons: Mapping[str, str]

    def missing(self, run: PeerRun) -> str | None:
        """Why it cannot be run, or None."""
        if self.folder is None:
            return "no --peers folder"
        if not (self.folder / f"{run.script}_bench.py").is_file():
            return f"no {run.script}_bench.py in {self.folder}"
        return None if run.script in self.pythons else f"no --py {run.script}=PYTHON"

    def measure(self, run: PeerRun) -> Rate:
        """Run one process of the script; PeerFailed with the end of its output."""
        assert self.folder is not None, "asked for a peer without a folder"
        begin = ["-c", _SLOW_AVERAGES] if run.is_sparse else [f"{run.script}_bench.py"]
        work = ["--variant", run.variant, "--bars", str(run.bars), "--repeat", str(run.repeats), *run.words]
        command = [self.pythons[run.script], "-B", "-W", "ignore", *begin, *work]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=_TIMEOUT_S, cwd=self.folder, check=False
            )
            said = json.loads((done.stdout.strip().splitlines() or [""])[-1])
        except (OSError, ValueError, subprocess.TimeoutExpired) as error:
            raise PeerFailed(f"{run.label}: {error}") from error
        return Rate(said["bars_per_s"], run.bars / said["seconds_min"], said["peak_rss_mb"], said["fills"])
