"""Bybit's conversations in the gateway's words: typed requests become calls, and replies are read by the codec.

Pure: no socket and no key comes in here.
"""

from actors.bybit.codes import CodeClass
from actors.bybit.conversations.asking import VenueAccount
from actors.bybit.conversations.port import converse
from actors.bybit.endpoints import ENDPOINTS, IP_BAN_MS
from actors.bybit.translate.results import NoReply, Reply, RestReply, RestRequest, judge
from actors.bybit.wire.base import WireError
from actors.bybit.wire.market import NoParams
from actors.model.backend import (
    AmendBatch,
    Batch,
    CancelBatch,
    Command,
    Query,
    ServerTimeQuery,
    SubmitBatch,
    SubmitOrder,
)
from actors.model.calls import CallAnswered, CallReply, Conversation, Notice, VenueCall, VenueCodec
from actors.model.maintenance import MaintenanceQuery

__all__ = ["bybit_codec", "call_of"]

_FORBIDDEN = 403


def bybit_codec(account: VenueAccount) -> VenueCodec:
    """The language of Bybit for an account's instruments."""

    def talk(message: Command | Batch | Query) -> Conversation:
        unknown = [symbol for symbol in _symbols(message) if symbol not in account.instruments]
        if unknown:
            known = ", ".join(account.instruments)
            raise WireError(f"{unknown[0]}: not among the instruments of this run ({known})")
        steps = converse(message, account)
        request: RestRequest = next(steps)
        while True:
            reply = yield call_of(request)
            try:
                request = steps.send(_read(reply))
            except StopIteration as end:
                return end.value

    return VenueCodec(talk, notice_of, IP_BAN_MS)


def call_of(request: RestRequest) -> VenueCall:
    """A typed request as the text that is sent."""
    rest = request.endpoint
    category = getattr(request.content, "category", None) or ""
    return VenueCall(rest.method, rest.path, request.payload, rest.is_signed, rest.is_write, str(category))


def notice_of(call: VenueCall, reply: CallAnswered) -> Notice | None:
    """A ban of our address, or a time stamp outside the window."""
    ruling = judge(RestRequest(ENDPOINTS[call.path], NoParams()), _read(reply))
    if ruling.kind is CodeClass.CLOCK:
        return Notice.CLOCK
    is_ban = ruling.kind is CodeClass.RATE and reply.status == _FORBIDDEN
    return Notice.BANNED if is_ban else None


def _read(reply: CallReply) -> Reply:
    if isinstance(reply, CallAnswered):
        return RestReply(reply.status, reply.body.encode())
    return NoReply(reply.reason)


def _symbols(message: Command | Batch | Query) -> tuple[str, ...]:
    match message:
        case ServerTimeQuery() | MaintenanceQuery():
            return ()
        case SubmitOrder(request):
            return (request.symbol,)
        case SubmitBatch(requests):
            return tuple(request.symbol for request in requests)
        case AmendBatch(amends):
            return tuple(amend.symbol for amend in amends)
        case CancelBatch(cancels):
            return tuple(cancel.symbol for cancel in cancels)
        case _:
            return (message.symbol,)
