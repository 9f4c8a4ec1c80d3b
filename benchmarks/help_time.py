"""Measures how long `coldframe --help` takes: wall time of whole processes; the first one does not count.

python -m benchmarks.help_time                 # this Python, `python -m actors.app.cli --help`
python -m benchmarks.help_time ./coldframe     # the command given, with --help added
"""

import statistics
import subprocess
import sys
import time

__all__ = ["help_times_s", "main"]

RUNS = 10


def help_times_s(command: list[str], runs: int = RUNS) -> list[float]:
    """Seconds of `runs` runs of `command --help`, after one that warms the file cache; a failing one raises."""
    times = []
    for _ in range(runs + 1):
        begun = time.perf_counter()
        subprocess.run([*command, "--help"], check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - begun)
    return times[1:]


def main() -> None:
    """Print the median beside the best and the bare start of the same Python."""
    command = sys.argv[1:] or [sys.executable, "-m", "actors.app.cli"]
    helped = help_times_s(command)
    bare = help_times_s([sys.executable, "-c", "pass"])
    print(f"{' '.join(command)} --help: median {statistics.median(helped):.3f} s, best {min(helped):.3f} s of {RUNS}")
    print(f"a bare Python --help:     median {statistics.median(bare):.3f} s, best {min(bare):.3f} s")


if __name__ == "__main__":
    main()
