"""One request and its reply, as steps that every conversation is made of."""

from collections.abc import Generator, Mapping
from typing import TypeVar

import msgspec

from actors.bybit.codes import CodeClass
from actors.bybit.endpoints import endpoint
from actors.bybit.translate.results import Reply, RestRequest, Ruling, error_of, judge
from actors.bybit.wire.base import Wire, WireError, decode
from actors.bybit.wire.envelope import ItemCodes
from actors.model.instrument import Instrument

__all__ = ["Steps", "VenueAccount", "command", "item_codes", "question"]

T = TypeVar("T")
Steps = Generator[RestRequest, Reply, T]


class VenueAccount(msgspec.Struct, frozen=True):
    """What a conversation knows beforehand: the instruments by symbol, and whether it is the demo service."""

    instruments: Mapping[str, Instrument]
    is_demo: bool = False


def command(path: str, content: Wire, kind: type[T]) -> Steps[tuple[Ruling, T | None]]:
    """Send a request that changes something; the result stands beside a success.

    A success whose result has another shape than it should leaves the outcome unknown.
    """
    request = RestRequest(endpoint(path), content)
    reply = yield request
    ruling = judge(request, reply)
    if ruling.kind is not CodeClass.OK or ruling.answer is None:
        return ruling, None
    try:
        return ruling, decode(bytes(ruling.answer.result), kind)
    except WireError as error:
        return Ruling(CodeClass.UNKNOWN, 0, str(error), ruling.answer), None


def question(path: str, content: Wire, kind: type[T]) -> Steps[tuple[T, int]]:
    """Ask; the result, and the venue's time at it in UTC ms. Raises the error that another reply means."""
    request = RestRequest(endpoint(path), content)
    reply = yield request
    ruling = judge(request, reply)
    if ruling.kind is not CodeClass.OK or ruling.answer is None:
        raise error_of(ruling)
    return decode(bytes(ruling.answer.result), kind), ruling.answer.time or 0


def item_codes(ruling: Ruling) -> ItemCodes:
    """The codes of a batch's items; none where the answer has none."""
    if ruling.answer is None:
        return ItemCodes()
    return decode(bytes(ruling.answer.ret_ext_info), ItemCodes)
