"""The ports through which a real exchange's actors reach the network; an edge serves each of them."""

from collections.abc import Mapping

from actors.gateway.messages import READ_PORT, WRITE_PORT
from actors.websocket.wiring import TRADE_PORT
from runtime.kernel.ports import Port

__all__ = ["PORTS", "PRIVATE_PORT", "PUBLIC_PORT", "TRADE_PORT"]

PUBLIC_PORT = "socket/public"
PRIVATE_PORT = "socket/private"

PORTS: Mapping[str, Port] = {
    READ_PORT: Port(),
    WRITE_PORT: Port(is_durable_first=True),
    PUBLIC_PORT: Port(),
    PRIVATE_PORT: Port(),
    TRADE_PORT: Port(is_durable_first=True),
}
