"""The message classes that the gateway takes: all commands and queries of the exchange port."""

from actors.ratelimiter.messages import ENDPOINTS

__all__ = ["PORT_CLASSES"]

PORT_CLASSES: tuple[type, ...] = tuple(ENDPOINTS)
