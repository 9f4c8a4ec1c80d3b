"""Timeframes as cards write them: `<n>m`, `<n>h`, `<n>d`, and `1w` (weeks begin on Monday)."""

import re

import attrs

__all__ = ["Timeframe", "timeframe_of"]

_UNIT_MS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}


@attrs.frozen
class Timeframe:
    """A bar's length: as written, and in milliseconds."""

    text: str
    ms: int


def timeframe_of(text: str) -> Timeframe:
    """`15m` as a Timeframe; ValueError if it is none."""
    if not re.fullmatch(r"[1-9][0-9]{0,3}[mhd]|1w", text, re.ASCII):
        raise ValueError(f"`{text}` is no timeframe")
    return Timeframe(text, int(text[:-1]) * _UNIT_MS[text[-1]])
