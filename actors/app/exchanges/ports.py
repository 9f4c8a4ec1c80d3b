"""The ports through which a real exchange's actors reach the network; an edge serves each of them."""

from collections.abc import Mapping

from actors.gateway.messages import READ_PORT, WRITE_PORT
from actors.websocket.wiring import TRADE_PORT
from runtime.kernel.ports import Port

__all__ = ["PAPER_PORTS", "PORTS", "PRIVATE_PORT", "PUBLIC_PORT", "STATUS_PORT", "TRADES_PORT", "TRADE_PORT"]

PUBLIC_PORT = "socket/public"
PRIVATE_PORT = "socket/private"
STATUS_PORT = "socket/status"  # planned maintenance
TRADES_PORT = "socket/trades"  # public trades, which match paper orders

PORTS: Mapping[str, Port] = {
    READ_PORT: Port(),
    WRITE_PORT: Port(is_durable_first=True),
    PUBLIC_PORT: Port(),
    PRIVATE_PORT: Port(),
    TRADE_PORT: Port(is_durable_first=True),
    STATUS_PORT: Port(),
}

PAPER_PORTS: Mapping[str, Port] = {
    name: Port() for name in (READ_PORT, WRITE_PORT, PUBLIC_PORT, TRADES_PORT, STATUS_PORT)
}
"""Of a paper account: all of them public; nothing is ever written."""
