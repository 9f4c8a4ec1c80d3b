"""What an answer to a request means: accepted, rejected or unknown; for a question, an answer or an error.

No answer, an answer that is no JSON, a 5xx and the codes of the class UNKNOWN leave the outcome of a write unknown: the
order may be working. Everything else that is not success was not executed.
"""

import msgspec

from actors.bybit.codes import CodeClass, class_of, http_class, reject_reason_for
from actors.bybit.endpoints import Method, RestEndpoint
from actors.bybit.wire.base import Wire, WireError, decode, encode, encode_query
from actors.bybit.wire.envelope import RestAnswer
from actors.model.errors import (
    AuthenticationError,
    ClockSkewError,
    ColdframeError,
    InsufficientMarginError,
    NetworkError,
    OrderNotFoundError,
    OrderRejectedError,
    RateLimitError,
)
from actors.model.result import OrderResult, RejectReason, RequestOutcome

__all__ = ["NoReply", "Reply", "RestReply", "RestRequest", "Ruling", "error_of", "judge", "result_of"]

_HTTP_OK = 200
_MAX_TEXT = 200


class RestRequest(msgspec.Struct, frozen=True):
    """One request: `payload` is the query or the body, exactly as it is signed and sent."""

    endpoint: RestEndpoint
    content: Wire

    @property
    def payload(self) -> str:
        """The text after `?` of a GET, the JSON body of a POST."""
        if self.endpoint.method is Method.GET:
            return encode_query(self.content)
        return encode(self.content).decode()


class RestReply(msgspec.Struct, frozen=True):
    """What came back."""

    status: int
    body: bytes


class NoReply(msgspec.Struct, frozen=True):
    """Nothing came back in time, or the connection died with the request in flight."""

    reason: str


Reply = RestReply | NoReply


class Ruling(msgspec.Struct, frozen=True):
    """What a reply means; `answer` stands where the venue answered in its own shape."""

    kind: CodeClass
    code: int = 0
    reason: str = ""
    answer: RestAnswer | None = None


def judge(request: RestRequest, reply: Reply) -> Ruling:
    """The reply's class; success only where the venue's own code says so."""
    is_write = request.endpoint.is_write
    lost = CodeClass.UNKNOWN if is_write else CodeClass.RETRY
    if isinstance(reply, NoReply):
        return Ruling(lost, reason=reply.reason)
    text = reply.body[:_MAX_TEXT].decode(errors="replace")
    try:
        answer = decode(reply.body, RestAnswer)
    except WireError:
        kind = lost if reply.status == _HTTP_OK else http_class(reply.status, text, is_write)
        return Ruling(kind, 0 if reply.status == _HTTP_OK else reply.status, text)
    if reply.status != _HTTP_OK and answer.ret_code == 0:
        return Ruling(http_class(reply.status, text, is_write), reply.status, answer.ret_msg or "")
    return Ruling(class_of(answer.ret_code, is_write), answer.ret_code, answer.ret_msg or "", answer)


def result_of(ruling: Ruling, link_id: str = "", order_id: str = "") -> OrderResult:
    """The outcome of a command. A refusal keeps the venue's code and text beside our word for it."""
    if ruling.kind is CodeClass.OK:
        return OrderResult(RequestOutcome.ACCEPTED, link_id, order_id)
    if ruling.kind is CodeClass.UNKNOWN:
        return OrderResult(RequestOutcome.UNKNOWN, link_id, order_id, code=ruling.code, reason=ruling.reason)
    reason = RejectReason.RATE_LIMITED if ruling.kind is CodeClass.RATE else reject_reason_for(ruling.code)
    return OrderResult(
        RequestOutcome.REJECTED, link_id, order_id, code=ruling.code, rejection=reason, reason=ruling.reason
    )


_ERRORS = {
    CodeClass.RATE: RateLimitError,
    CodeClass.CLOCK: ClockSkewError,
    CodeClass.MARGIN: InsufficientMarginError,
    CodeClass.ALREADY_DONE: OrderNotFoundError,
    CodeClass.REFUSE: OrderRejectedError,
    CodeClass.MAINTENANCE: OrderRejectedError,
}


def error_of(ruling: Ruling) -> ColdframeError:
    """The error of a question that has no answer: to be asked again (NetworkError), or by the venue's code."""
    text = f"{ruling.code} {ruling.reason}".strip()
    if ruling.kind is CodeClass.AUTH_FATAL:
        return AuthenticationError(text)
    kind = _ERRORS.get(ruling.kind)
    return kind(ruling.code, ruling.reason) if kind else NetworkError(text)
