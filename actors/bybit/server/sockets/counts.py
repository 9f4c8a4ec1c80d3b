"""Counts of frames over all sockets: what clients have said, and what they have been told."""

import attrs

__all__ = ["FrameCounts"]


@attrs.define(eq=False)
class FrameCounts:
    """Text frames, over all connections that there have been."""

    heard: int = 0
    told: int = 0
