"""Actors: plain synchronous Python. A handler takes a message and sends messages, timers and asks through its context.

A handler runs to completion and is atomic: what it sent is released when it returns and dropped when it raises. It
uses no await, clock, randomness, file or socket. State is in `self`; the factory builds a new object for each
incarnation.
"""

import inspect
from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from runtime.errors import ActorError, UnhandledMessage
from runtime.kernel.dispatch import Dispatch
from runtime.messages import ActorDied, AskFailed, AskRejected, AskTimedOut, Reason, Rejected
from runtime.overflow import Overflow

if TYPE_CHECKING:
    from runtime.context import Context

__all__ = ["IGNORE", "STARTED", "STARTING", "STOPPED", "STOPPING", "Actor", "StartResult", "StopResult", "handles"]

Handler = TypeVar("Handler", bound=Callable[..., None])


class StartResult(Enum):
    """What `start` returns. A STARTING actor receives messages and has started once it calls `ctx.started()`."""

    STARTED = "started"
    STARTING = "starting"
    IGNORE = "ignore"


class StopResult(Enum):
    """What `stop` returns. A STOPPING actor keeps receiving until `ctx.stopped()` or the shutdown deadline."""

    STOPPED = "stopped"
    STOPPING = "stopping"


STARTED = StartResult.STARTED
STARTING = StartResult.STARTING
IGNORE = StartResult.IGNORE
STOPPED = StopResult.STOPPED
STOPPING = StopResult.STOPPING


def handles(*classes: type) -> Callable[[Handler], Handler]:
    """Mark a method as the handler of these message classes (exact classes; AskFailed stands for its three)."""

    def mark(method: Handler) -> Handler:
        _check_sync(method)
        method.__dict__["handled_classes"] = classes
        return method

    return mark


def _check_sync(method: Callable[..., Any]) -> None:
    if inspect.iscoroutinefunction(method) or inspect.isasyncgenfunction(method):
        raise ActorError(f"{method.__qualname__} is async: an actor decides at once, and waits in an edge")


class Actor:
    """Base of all actors; a subclass marks its handlers with `@handles(MessageClass)`."""

    _handlers: ClassVar[dict[type, Callable[..., None]]] = {}
    overflow: ClassVar[dict[type, Overflow]] = {}
    hears_rejections: ClassVar[bool] = False  # set by a handler of Rejected, or by hand if `receive` is overridden

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for method in (cls.start, cls.receive, cls.stop):
            _check_sync(method)
        own = {kind: method for method in vars(cls).values() for kind in getattr(method, "handled_classes", ())}
        if AskFailed in own:
            own = {**dict.fromkeys((AskTimedOut, ActorDied, AskRejected), own[AskFailed]), **own}
        table = cls._handlers = {**cls._handlers, **own}
        cls.hears_rejections = cls.hears_rejections or Rejected in table
        for message_class, policy in cls.overflow.items():
            if not isinstance(policy, Overflow):
                raise ActorError(f"{cls.__name__}: overflow of {message_class.__name__} is {policy!r}, not a policy")

    def dispatch(self) -> Dispatch:
        """This incarnation's bound handlers; an actor that overrides `receive` handles everything there."""
        if type(self).receive is not Actor.receive:
            return Dispatch({}, self.receive)
        return Dispatch({kind: method.__get__(self) for kind, method in self._handlers.items()}, self.receive)

    def start(self, ctx: "Context") -> StartResult:
        """Called once, before any message."""
        return STARTED

    def receive(self, message: Any, ctx: "Context") -> None:
        """Dispatch on the message's class; UnhandledMessage when there is no handler."""
        handler = self._handlers.get(type(message))
        if handler is None:
            raise UnhandledMessage(f"{type(self).__name__} has no handler for {type(message).__name__}")
        handler(self, message, ctx)

    def stop(self, reason: Reason, ctx: "Context") -> StopResult:
        """Called at an orderly stop; return STOPPING to finish work first."""
        return STOPPED
