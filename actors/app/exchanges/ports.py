"""The ports through which a real exchange's actors reach the network; an edge serves each of them."""

from collections.abc import Mapping

from actors.gateway.messages import READ_PORT, WRITE_PORT
from actors.websocket.wiring import TRADE_PORT
from runtime.kernel.ports import Port

__all__ = ["PAPER_PORTS", "PORTS", "PRIVATE_PORT", "PUBLIC_PORT", "TRADES_PORT", "TRADE_PORT"]

PUBLIC_PORT = "socket/public"
PRIVATE_PORT = "socket/private"
TRADES_PORT = "socket/trades"  # public trades, which match paper orders

PORTS: Mapping[str, Port] = {
    READ_PORT: Port(),
    WRITE_PORT: Port(is_durable_first=True),
    PUBLIC_PORT: Port(),
    PRIVATE_PORT: Port(),
    TRADE_PORT: Port(is_durable_first=True),
}

PAPER_PORTS: Mapping[str, Port] = {READ_PORT: Port(), WRITE_PORT: Port(), PUBLIC_PORT: Port(), TRADES_PORT: Port()}
"""Of a paper account: all of them public; nothing is ever written."""
