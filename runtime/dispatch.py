"""From a message's class to its handler in one look-up: the hot step of the kernel."""

from collections.abc import Callable
from typing import Any

__all__ = ["Dispatch", "Receive"]

Receive = Callable[[Any, Any], None]


class Dispatch(dict[type, Receive]):
    """Handlers by message class; any other class goes to `otherwise`."""

    def __init__(self, handlers: dict[type, Receive], otherwise: Receive) -> None:
        super().__init__(handlers)
        self._otherwise = otherwise

    def __missing__(self, key: type) -> Receive:
        self[key] = self._otherwise
        return self._otherwise
