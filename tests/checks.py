"""All checks of the project, the quick ones first: what `./coldframe test` runs.

Every check runs even when one before it fails; pytest is last, so that its closing line ends the output. Further
arguments go to pytest. The exit code is 0 only when all of them passed. `-m "not slow"` leaves out the tests that are
marked so, and the planted faults of tests/mutation, which are as slow. With COLDFRAME_MUTANTS=no the planted faults
alone are left out, with COLDFRAME_MUTANTS=only everything else. The output says what was left out.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

__all__ = ["CHECKS", "main"]

ROOT = Path(__file__).resolve().parents[1]
LAYERS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
CHECKS: dict[str, Sequence[str]] = {
    "ruff check": ("-m", "ruff", "check", "."),
    "ruff format": ("-m", "ruff", "format", "--check", "."),
    "import-linter": ("-c", LAYERS, "--no-logo"),
    "mypy --strict": ("-m", "mypy"),
    "mutants": ("-m", "tests.mutation"),
    "planted faults": ("-m", "tests.mutation.rooms"),
    "pytest": ("-m", "pytest"),
}
PLANTED = ("mutants", "planted faults")


def main(arguments: Sequence[str]) -> int:
    """Run the checks in the project's root; 1 and a line on stderr naming those that failed, else 0."""
    failed = []
    for name, command in CHECKS.items():
        why = _why_left_out(name, arguments)
        if why:
            print(f"== {name}: left out ({why})", flush=True)
            continue
        print(f"== {name}", flush=True)
        extra = arguments if name == "pytest" else ()
        if subprocess.run([sys.executable, "-P", *command, *extra], cwd=ROOT).returncode:
            failed.append(name)
    if failed:
        print(f"coldframe: failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _why_left_out(name: str, arguments: Sequence[str]) -> str:
    """The reason, or nothing."""
    wanted = os.environ.get("COLDFRAME_MUTANTS")
    if name not in PLANTED:
        return "COLDFRAME_MUTANTS=only" if wanted == "only" else ""
    if wanted == "only":
        return ""
    if any(argument.removeprefix("-m").strip() == "not slow" for argument in arguments):
        return "slow"
    return "COLDFRAME_MUTANTS=no" if wanted == "no" else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
