"""The message classes that the gateway takes: all commands and queries of the exchange port; and its ports.

What crosses these ports stands in `actors/model/calls.py`.
"""

import msgspec

from actors.ratelimiter.messages import ENDPOINTS

__all__ = ["PORT_CLASSES", "READ_PORT", "WRITE_PORT", "CallOverdue"]

PORT_CLASSES: tuple[type, ...] = tuple(ENDPOINTS)

READ_PORT = "rest/read"
WRITE_PORT = "rest/write"
"""The edge's two ports; a write leaves only when the journal has it on disk."""


class CallOverdue(msgspec.Struct, frozen=True, gc=False):
    """The gateway's own timer: the edge has said nothing of this call."""

    correlation: int
