"""What can be wrong with a tree or with the use of a context. All are programming errors: ours, and loud."""

__all__ = ["ActorError", "InvalidSpec", "KernelError", "Stalled", "UnhandledMessage", "UnknownRef"]


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


class UnhandledMessage(ActorError):
    """An actor received a class of message that it has no handler for."""


class Stalled(KernelError):
    """Nothing is queued, nothing is timed, and the awaited condition does not hold: waiting would be for ever."""
