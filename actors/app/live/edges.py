"""The edges that serve a live tree's ports: requests and sockets of one exchange."""

from collections.abc import Mapping

from actors.app.exchanges.ports import PRIVATE_PORT, PUBLIC_PORT, STATUS_PORT, TRADE_PORT, TRADES_PORT
from actors.app.live.venues import LiveVenue
from actors.bybit.edges.rest import RestEdge
from actors.bybit.topics import Socket
from actors.gateway.messages import READ_PORT, WRITE_PORT
from actors.model.errors import InvariantError
from runtime.drivers.live_tasks import Edge

__all__ = ["edges_of", "paper_edges_of"]


def edges_of(venue: LiveVenue, rest: RestEdge | None = None) -> Mapping[str, Edge]:
    """The edges that serve the ports of Bybit's branch; a new one for requests where none is given."""
    rest = rest or venue.rest()
    edges: dict[str, Edge] = {
        READ_PORT: rest.serve,
        WRITE_PORT: rest.serve,
        PUBLIC_PORT: venue.socket(Socket.PUBLIC_LINEAR),
        PRIVATE_PORT: venue.socket(Socket.PRIVATE),
        TRADE_PORT: venue.socket(Socket.TRADE) if venue.has_trade_socket else _no_socket,
        STATUS_PORT: venue.socket(Socket.STATUS),
    }
    return edges


async def _no_socket(request: object, emit: object) -> None:
    raise InvariantError("this exchange has no trade socket")


def paper_edges_of(venue: LiveVenue) -> Mapping[str, Edge]:
    """The edges of a paper account: the public market alone."""
    rest = venue.rest()
    return {
        READ_PORT: rest.serve,
        WRITE_PORT: rest.serve,
        PUBLIC_PORT: venue.socket(Socket.PUBLIC_LINEAR),
        TRADES_PORT: venue.socket(Socket.PUBLIC_LINEAR),
        STATUS_PORT: venue.socket(Socket.STATUS),
    }
