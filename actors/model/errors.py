"""Whose fault is it, and does it go on? The error's type answers both.

ColdframeError
├─ InputError                 the user's: every problem of a file at once, exit code 2
├─ ConfigurationError         ours or the operator's, fatal: no restart helps
│  └─ AuthenticationError     key, signature, permission
├─ VenueError                 the venue's answer; carries its code
│  ├─ RateLimitError          not executed; wait and send again with the same id
│  ├─ InsufficientMarginError refused; the account must change first
│  ├─ OrderRejectedError      refused; sending it again would be refused again
│  ├─ OrderNotFoundError      already ended or never arrived: look it up
│  └─ ClockSkewError          not executed; synchronise, then send again
├─ NetworkError               nobody's: for a write the outcome is unknown
└─ InvariantError             a bug: what must hold does not, fatal
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
    """One thing wrong with a user's file or argument."""

    def text(self) -> str: ...


class ColdframeError(Exception):
    """Root of our errors; `is_fatal` says that no restart can help."""

    is_fatal = False


class InputError(ColdframeError):
    """What the user gave cannot be used; `problems` lists everything that is wrong with it."""

    def __init__(self, problems: Sequence[ProblemLike]) -> None:
        super().__init__("\n".join(problem.text() for problem in problems))
        self.problems = tuple(problems)


class ConfigurationError(ColdframeError):
    """The set-up contradicts itself or the venue."""

    is_fatal = True


class AuthenticationError(ConfigurationError):
    """Key, signature or permission refused."""


class InvariantError(ColdframeError):
    """A broken invariant: going on would act on a false picture."""

    is_fatal = True


class NetworkError(ColdframeError):
    """No answer: a read may be repeated, a write has an unknown outcome."""


class VenueError(ColdframeError):
    """The venue answered with an error code."""

    may_retry = False

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(f"{code} {reason}".strip())
        self.code = code
        self.reason = reason


class RateLimitError(VenueError):
    """Too fast: nothing was executed."""

    may_retry = True


class ClockSkewError(VenueError):
    """The request's time lay outside the window: nothing was executed."""

    may_retry = True


class InsufficientMarginError(VenueError):
    """Not enough available balance."""


class OrderNotFoundError(VenueError):
    """No such open order: it ended, or never arrived."""


class OrderRejectedError(VenueError):
    """Refused as it stands."""


_CLASSES: dict[int, type[VenueError]] = {
    VenueCode.RATE_LIMITED: RateLimitError,
    10002: ClockSkewError,
    VenueCode.INSUFFICIENT_MARGIN: InsufficientMarginError,
    VenueCode.ORDER_NOT_FOUND: OrderNotFoundError,
}


def error_class_of(code: int) -> type[VenueError]:
    """The class of a venue code; a code without one of its own is a rejection."""
    return _CLASSES.get(code, OrderRejectedError)
