"""The cards that come with the program: examples to run, to read and to copy."""

from pathlib import Path

__all__ = ["shipped_cards"]


def shipped_cards() -> tuple[Path, ...]:
    """Their files, by name."""
    return tuple(sorted(Path(__file__).parent.glob("*.yaml")))
