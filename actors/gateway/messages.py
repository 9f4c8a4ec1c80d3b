"""The classes the gateway takes: the whole exchange port."""

from actors.ratelimiter.messages import ENDPOINTS

__all__ = ["PORT_CLASSES"]

PORT_CLASSES: tuple[type, ...] = tuple(ENDPOINTS)
