"""Finds a message's handler by its class in one look-up: the kernel's hot path."""

import inspect
from collections.abc import Callable
from typing import Any, NoReturn

from runtime.errors import BadReturn

__all__ = ["Dispatch", "Receive", "refuse_return"]

Receive = Callable[[Any, Any], None]


class Dispatch(dict[type, Receive]):
    """Handlers by message class; any other class goes to `otherwise`."""

    def __init__(self, handlers: dict[type, Receive], otherwise: Receive) -> None:
        super().__init__(handlers)
        self._otherwise = otherwise

    def __missing__(self, key: type) -> Receive:
        self[key] = self._otherwise
        return self._otherwise


def refuse_return(who: str, said: Any, what: str = "a handler returned", wanted: str = "nothing") -> NoReturn:
    """Raise BadReturn; close a coroutine first, because it will not be awaited."""
    if inspect.iscoroutine(said):
        said.close()
        said = "a coroutine: an actor decides at once, and waits in an edge"
    raise BadReturn(f"{who}: {what} {said!r}, not {wanted}")
