"""The simulator's gateway: as thin as can be, it passes the whole port on to the venue, which answers the asker."""

from actors.gateway.messages import PORT_CLASSES
from actors.model.backend import Command, Query
from runtime.actor import Actor, handles
from runtime.context import Context
from runtime.messages import Ref

__all__ = ["SimulatedGateway"]


class SimulatedGateway(Actor):
    """In front of `venue`."""

    def __init__(self, venue: Ref) -> None:
        self._venue = venue

    @handles(*PORT_CLASSES)
    def request(self, message: Command | Query, ctx: Context) -> None:
        """Pass on; the answer goes to whoever asked."""
        ctx.forward(self._venue, message)
