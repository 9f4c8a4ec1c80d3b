"""How long the gateway waits for an answer."""

import attrs

__all__ = ["GatewayPolicy"]


@attrs.frozen
class GatewayPolicy:
    """`timeout_ns` for each request of a conversation: then the edge gives it up, and the venue refuses it.

    The gateway waits `grace_ns` longer, for an edge that says nothing.
    """

    timeout_ns: int = 5_000_000_000
    grace_ns: int = 250_000_000
