"""Counts of frames by kind of socket: what clients have said, what they have been told, and who can still be heard."""

from collections import Counter

import attrs

__all__ = ["FrameCounts"]


@attrs.define(eq=False)
class FrameCounts:
    """Text frames, over all connections that there have been; `open` counts the connections that are heard now."""

    heard: Counter[str] = attrs.field(factory=Counter)
    told: Counter[str] = attrs.field(factory=Counter)
    open: Counter[str] = attrs.field(factory=Counter)
