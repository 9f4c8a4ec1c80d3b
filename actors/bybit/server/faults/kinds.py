"""The kinds of faults, each a class with its parameters.

`uses` names the fields of the matcher that a kind looks at, `needs` those that it cannot do without. A kind that is an
act happens once, at its time; the others wait for traffic that matches.
"""

from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

import attrs

__all__ = [
    "KINDS",
    "AnswerLate",
    "Ban",
    "CancelRace",
    "ChangeLeverage",
    "ChangeMode",
    "ClockStep",
    "Delay",
    "Delisting",
    "DropSocket",
    "Duplicate",
    "ErrorCode",
    "ErrorStatus",
    "ExchangeFault",
    "ForeignOrder",
    "ForeignPosition",
    "HalfOpen",
    "LoseAck",
    "MaintenanceFault",
    "Moment",
    "Reorder",
    "SilentStream",
    "StaleRead",
]

_DAY_MS = 86_400_000
_ABOVE_0 = {"least": 0}
_TRAFFIC = ("path", "op", "topic", "symbol", "socket", "account")
_REQUEST = ("path", "op", "symbol", "socket", "account")


class Moment(StrEnum):
    """When a socket is cut."""

    NOW = "now"
    SENT = "sent"  # in place of the next matching frame to the client
    HEARD = "heard"  # in place of hearing the next matching frame of the client


class Direction(StrEnum):
    """Of an order."""

    BUY = "Buy"
    SELL = "Sell"


class ModeName(StrEnum):
    """Position mode."""

    ONE_WAY = "one_way"
    HEDGE = "hedge"


class Book(StrEnum):
    """Where a foreign order is placed."""

    LINEAR = "linear"
    SPOT = "spot"


def _within(least: int | None, most: int | None, default: Any = attrs.NOTHING) -> Any:
    """A number with its bounds."""
    return attrs.field(default=default, metadata={"least": least, "most": most})


def _ms(default: Any = attrs.NOTHING) -> Any:
    return _within(0, _DAY_MS, default)


@attrs.frozen(kw_only=True)
class ExchangeFault:
    """`lasting`: it goes on until it is cleared or its time is over, unless `times` says otherwise."""

    kind: ClassVar[str] = ""
    about: ClassVar[str] = ""
    uses: ClassVar[tuple[str, ...]] = ()
    needs: ClassVar[tuple[str, ...]] = ()
    is_act: ClassVar[bool] = False
    is_lasting: ClassVar[bool] = False


# -- transport --------------------------------------------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class DropSocket(ExchangeFault):
    """Close the sockets that match."""

    kind, about = "drop_socket", "close sockets: all that match now, or in place of a frame"
    uses = _TRAFFIC
    on: Moment = Moment.NOW


@attrs.frozen(kw_only=True)
class HalfOpen(ExchangeFault):
    """The TCP connection stays; nothing is sent or heard on it any more."""

    kind, about = "half_open", "nothing is sent or heard on a socket any more, and it stays open"
    uses = _TRAFFIC
    on: Moment = Moment.NOW


@attrs.frozen(kw_only=True)
class Delay(ExchangeFault):
    """A request arrives late; a pushed frame leaves late, and what follows on its socket waits behind it."""

    kind, about = "delay", "requests arrive late; frames of a topic leave late"
    uses = _TRAFFIC
    ms: int = _ms()


@attrs.frozen(kw_only=True)
class Duplicate(ExchangeFault):
    """A REST request is carried out twice and its first answer sent; a frame is sent twice."""

    kind, about = "duplicate", "a REST request is carried out twice; a frame is sent twice"
    uses = _TRAFFIC


@attrs.frozen(kw_only=True)
class Reorder(ExchangeFault):
    """A frame leaves after the one that follows it, or after `within_ms` where none follows."""

    kind, about = "reorder", "a frame is sent after the one that follows it"
    uses = ("op", "topic", "symbol", "socket", "account")
    within_ms: int = _ms(1_000)


@attrs.frozen(kw_only=True)
class LoseAck(ExchangeFault):
    """The request is carried out, and never answered."""

    kind, about = "lose_ack", "the request is carried out and never answered"
    uses = _REQUEST


@attrs.frozen(kw_only=True)
class AnswerLate(ExchangeFault):
    """The request is carried out at once, and answered `ms` later."""

    kind, about = "answer_late", "the request is carried out at once and answered late"
    uses = _REQUEST
    ms: int = _ms()


@attrs.frozen(kw_only=True)
class ErrorStatus(ExchangeFault):
    """An HTTP status with a page of HTML, as a gateway answers."""

    kind, about = "error_status", "REST answers with an HTTP status and HTML"
    uses = ("path", "symbol", "account")
    status: int = _within(400, 599, 502)
    carried_out: bool = False


@attrs.frozen(kw_only=True)
class Ban(ExchangeFault):
    """HTTP 403 "access too frequent": the address of the request stays banned for as long as a ban lasts."""

    kind, about = "ban", "HTTP 403, and the address stays banned for ten minutes"
    uses = ("path", "symbol", "account")


# -- answers ----------------------------------------------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class ErrorCode(ExchangeFault):
    """A code of Bybit's. `text` defaults to the venue's own; `reset_ms` is how far off the limit's reset is (10006)."""

    kind, about = "error_code", "answer with a code, as 10000, 10002 or 10006"
    uses = _REQUEST
    code: int = _within(-10_000, 10_000_000)
    text: str = ""
    carried_out: bool = False
    reset_ms: int = _within(1, _DAY_MS, 1_000)


@attrs.frozen(kw_only=True)
class MaintenanceFault(ExchangeFault):
    """Sockets are closed and stay closed; requests answer `code`; market/time, system/status and its socket go on.

    When `announced`, those two show it from when it is ordered to its end.
    """

    kind, about = "maintenance", "sockets are closed, requests answer 10016"
    is_lasting = True
    code: int = _within(1, 10_000_000, 10016)
    announced: bool = True


@attrs.frozen(kw_only=True)
class StaleRead(ExchangeFault):
    """Orders, executions, positions and the wallet are read as they were `lag_ms` ago."""

    kind, about = "stale_read", "reads show the account as it was some time ago"
    uses = _REQUEST
    is_lasting = True
    lag_ms: int = _ms()


@attrs.frozen(kw_only=True)
class SilentStream(ExchangeFault):
    """The private socket stays up and answers pings, and pushes nothing."""

    kind, about = "silent_stream", "the private socket pushes nothing, and answers pings"
    uses = ("topic", "symbol", "account")
    is_lasting = True


@attrs.frozen(kw_only=True)
class CancelRace(ExchangeFault):
    """A cancel is acknowledged, and its order fills all the same; the stream says Filled twice."""

    kind, about = "cancel_race", "a cancel is acknowledged, and the order is filled"
    uses = ("symbol", "socket", "account")


# -- acts -------------------------------------------------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class ForeignOrder(ExchangeFault):
    """Somebody else places an order on the account: a limit order with a price, else a market order."""

    kind, about = "foreign_order", "an order of the account that the client did not place"
    uses, needs, is_act = ("symbol", "account"), ("symbol",), True
    side: Direction
    qty: Decimal = attrs.field(metadata=_ABOVE_0)
    price: Decimal | None = attrs.field(default=None, metadata=_ABOVE_0)
    category: Book = Book.LINEAR


@attrs.frozen(kw_only=True)
class ForeignPosition(ExchangeFault):
    """Somebody else opens, adds to or reduces a position of the account at market."""

    kind, about = "foreign_position", "a change of the position that the client did not make"
    uses, needs, is_act = ("symbol", "account"), ("symbol",), True
    side: Direction
    qty: Decimal = attrs.field(metadata=_ABOVE_0)


@attrs.frozen(kw_only=True)
class ChangeLeverage(ExchangeFault):
    """Somebody sets the leverage by hand."""

    kind, about = "change_leverage", "the leverage of a symbol is set by hand"
    uses, needs, is_act = ("symbol", "account"), ("symbol",), True
    leverage: int = _within(1, 1_000)


@attrs.frozen(kw_only=True)
class ChangeMode(ExchangeFault):
    """Somebody switches the position mode by hand."""

    kind, about = "change_mode", "the position mode of a symbol is switched by hand"
    uses, needs, is_act = ("symbol", "account"), ("symbol",), True
    mode: ModeName


@attrs.frozen(kw_only=True)
class Delisting(ExchangeFault):
    """A linear symbol is announced to end `after_ms` later: closing only until then, then settlement at the mark."""

    kind, about = "delisting", "a linear symbol takes closing orders alone, and is settled later"
    uses, needs, is_act = ("symbol",), ("symbol",), True
    after_ms: int = _within(1, 400 * _DAY_MS)


@attrs.frozen(kw_only=True)
class ClockStep(ExchangeFault):
    """The server time jumps, forth or back; the market goes on undisturbed."""

    kind, about = "clock_step", "the server time jumps"
    is_act = True
    by_ms: int = _within(-_DAY_MS, _DAY_MS)


KINDS: dict[str, type[ExchangeFault]] = {
    each.kind: each
    for each in (
        DropSocket,
        HalfOpen,
        Delay,
        Duplicate,
        Reorder,
        LoseAck,
        AnswerLate,
        ErrorStatus,
        Ban,
        ErrorCode,
        MaintenanceFault,
        StaleRead,
        SilentStream,
        CancelRace,
        ForeignOrder,
        ForeignPosition,
        ChangeLeverage,
        ChangeMode,
        Delisting,
        ClockStep,
    )
}
"""By the word that orders them."""
