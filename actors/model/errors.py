"""Our errors. The type says whose fault it is and whether the run can go on.

ColdframeError
├─ InputError                 the user's fault: lists every problem of a file at once, exit code 2
├─ ConfigurationError         ours or the operator's, fatal: no restart helps
│  └─ AuthenticationError     key, signature or permission
├─ VenueError                 the venue answered with an error code
│  ├─ RateLimitError          not executed; wait and send again with the same id
│  ├─ InsufficientMarginError rejected; the account must change first
│  ├─ OrderRejectedError      rejected; sending it again would be rejected again
│  ├─ OrderNotFoundError      already ended or never arrived: query it
│  └─ ClockSkewError          not executed; synchronise, then send again
├─ NetworkError               no answer: the outcome of a write is unknown
└─ InvariantError             a bug of ours, fatal
"""

from collections.abc import Sequence
from typing import Protocol

from actors.model.result import VenueCode

__all__ = [
    "AuthenticationError",
    "ClockSkewError",
    "ColdframeError",
    "ConfigurationError",
    "InputError",
    "InsufficientMarginError",
    "InvariantError",
    "NetworkError",
    "OrderNotFoundError",
    "OrderRejectedError",
    "RateLimitError",
    "VenueError",
    "error_class_of",
]


class ProblemLike(Protocol):
    """One fault in a user's file or argument."""

    def text(self) -> str: ...


class ColdframeError(Exception):
    """Root of our errors; `is_fatal` says that no restart can help."""

    is_fatal = False


class InputError(ColdframeError):
    """The user's input cannot be used; `problems` lists every fault in it."""

    def __init__(self, problems: Sequence[ProblemLike]) -> None:
        super().__init__("\n".join(problem.text() for problem in problems))
        self.problems = tuple(problems)


class ConfigurationError(ColdframeError):
    """The configuration contradicts itself or the venue."""

    is_fatal = True


class AuthenticationError(ConfigurationError):
    """The venue rejected the key, signature or permission."""


class InvariantError(ColdframeError):
    """A broken invariant: continuing would act on wrong state."""

    is_fatal = True


class NetworkError(ColdframeError):
    """No answer: a read may be repeated, the outcome of a write is unknown."""


class VenueError(ColdframeError):
    """The venue answered with an error code."""

    may_retry = False

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(f"{code} {reason}".strip())
        self.code = code
        self.reason = reason


class RateLimitError(VenueError):
    """Over the rate limit: nothing was executed."""

    may_retry = True


class ClockSkewError(VenueError):
    """The request's timestamp was outside the receive window: nothing was executed."""

    may_retry = True


class InsufficientMarginError(VenueError):
    """Not enough available balance."""


class OrderNotFoundError(VenueError):
    """No such open order: it ended, or never arrived."""


class OrderRejectedError(VenueError):
    """The venue rejected the order; the same order would be rejected again."""


_CLASSES: dict[int, type[VenueError]] = {
    VenueCode.RATE_LIMITED: RateLimitError,
    10018: RateLimitError,  # of the address, in the past
    170222: RateLimitError,  # of spot
    10002: ClockSkewError,
    -1: ClockSkewError,
    VenueCode.INSUFFICIENT_MARGIN: InsufficientMarginError,
    VenueCode.ORDER_NOT_FOUND: OrderNotFoundError,
}


def error_class_of(code: int) -> type[VenueError]:
    """The error class of a venue code; OrderRejectedError for a code without its own class."""
    return _CLASSES.get(code, OrderRejectedError)
