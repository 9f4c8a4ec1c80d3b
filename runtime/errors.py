"""Errors in a supervision tree, in the use of a context, or in a call to the kernel.

    KernelError
    ├─ InvalidSpec         a tree that cannot be started; lists every problem before anything starts
    ├─ ActorError          an actor broke its context's contract; it crashes and its supervisor decides
    │  ├─ UnknownRef       a message, a watch or a call to a name that is not in the tree
    │  ├─ UnknownPort      an effect through a port that the tree does not have
    │  ├─ UnhandledMessage a class of message without a handler
    │  ├─ BadReturn        a handler returned something, or is a coroutine
    │  ├─ ImpureHandler    in simulation a handler used a clock or randomness that is not its context's
    │  └─ MailboxFull      a message that may not be lost met a full mailbox: its receiver crashes
    ├─ FatalError          no restart can help: the tree stops in order and reports the cause
    │  └─ InvariantBroken  the condition given to `ctx.always` was false
    └─ Stalled             no message and no timer is pending: a wait would never end

All are programming errors. `is_fatal` on any exception class has the same meaning as FatalError.
"""

__all__ = [
    "ActorError",
    "BadReturn",
    "FatalError",
    "ImpureHandler",
    "InvalidSpec",
    "InvariantBroken",
    "KernelError",
    "MailboxFull",
    "SpecWarning",
    "Stalled",
    "UnhandledMessage",
    "UnknownPort",
    "UnknownRef",
]


class KernelError(Exception):
    """Root of the kernel's errors."""


class InvalidSpec(KernelError):
    """A supervision tree that cannot be started; lists every problem, before anything starts."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class ActorError(KernelError):
    """An actor broke the contract of its context (it asked itself, set a negative timer, returned None from start)."""


class UnknownRef(ActorError):
    """A message to a name that is not in the tree."""


class UnknownPort(ActorError):
    """An effect through a port that is not in the tree."""


class UnhandledMessage(ActorError):
    """An actor received a class of message that it has no handler for."""


class BadReturn(ActorError):
    """A handler returned a value or a coroutine: answers go through the context, and nothing is awaited."""


class ImpureHandler(ActorError):
    """A handler took time or randomness from the process instead of its context, so a replay would differ."""


class MailboxFull(ActorError):
    """A message whose policy is FATAL met a full mailbox."""


class FatalError(KernelError):
    """An error that no restart can help."""

    is_fatal = True


class InvariantBroken(FatalError):
    """The condition of a `ctx.always` was false."""


class Stalled(KernelError):
    """No message and no timer is pending, and the awaited condition does not hold: the wait would never end."""


class SpecWarning(UserWarning):
    """A spec that is valid but probably a mistake."""
