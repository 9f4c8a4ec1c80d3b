"""What can be wrong with a tree, with the use of a context, or with a call to the kernel.

    KernelError
    ├─ InvalidSpec         a tree that cannot be started: every problem, before anything starts
    ├─ ActorError          an actor broke the contract of its context; it crashes, its supervisor decides
    │  ├─ UnknownRef       a message, a watch or a call to a name that is not in the tree
    │  ├─ UnknownPort      an effect through a port that the tree does not have
    │  ├─ UnhandledMessage a class of message without a handler
    │  ├─ BadReturn        a handler returned something, or is a coroutine
    │  ├─ ImpureHandler    a handler looked at a clock or threw dice of its own, in simulation
    │  └─ MailboxFull      a class of message that may not be lost met a full mailbox: its receiver crashes
    ├─ FatalError          no restart can help: the tree stops in order, with the cause
    │  └─ InvariantBroken  `ctx.always` was given something false
    └─ Stalled             nothing is queued and nothing is timed: waiting would be for ever

All are programming errors: ours, and loud. `is_fatal` on any exception class has the same meaning as FatalError.
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
    """An actor broke the contract of its context (asked itself, set a negative timer, returned nothing from start)."""


class UnknownRef(ActorError):
    """A message to a name that is not in the tree."""


class UnknownPort(ActorError):
    """An effect through a port that is not in the tree."""


class UnhandledMessage(ActorError):
    """An actor received a class of message that it has no handler for."""


class BadReturn(ActorError):
    """A handler returned something: answers go through the context, and nothing is awaited."""


class ImpureHandler(ActorError):
    """A handler took time or chance from the process and not from its context: no replay would have it again."""


class MailboxFull(ActorError):
    """A message whose policy is FATAL met a full mailbox."""


class FatalError(KernelError):
    """An error that no restart can help."""

    is_fatal = True


class InvariantBroken(FatalError):
    """What should always hold did not."""


class Stalled(KernelError):
    """Nothing is queued, nothing is timed, and the awaited condition does not hold: waiting would be for ever."""


class SpecWarning(UserWarning):
    """A spec that is valid and probably not meant."""
