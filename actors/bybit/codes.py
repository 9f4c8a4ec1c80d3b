"""The venue's codes as data: what each means, what to do about it, and our word for it.

The class says who acts: the caller waits, synchronises, looks up, or gives up. Some codes mean "not executed" for a
read and "perhaps executed" for a write; those carry a class for writes of their own. An unknown code is retried for a
read; for a write its outcome is unknown.
"""

from enum import StrEnum

import msgspec

from actors.model.result import REJECT_REASONS, RejectReason

__all__ = [
    "CODES",
    "HTTP_STATUSES",
    "CodeClass",
    "VenueAnswer",
    "answer_of",
    "class_of",
    "http_class",
    "reject_reason_for",
]


class CodeClass(StrEnum):
    """What to do about a code."""

    OK = "ok"
    RETRY = "retry"  # not executed, or being processed: look up, then send again with the same id
    RATE = "rate"  # not executed: wait for the limit
    CLOCK = "clock"  # not executed: synchronise the clock, then send again with the same id
    AUTH_FATAL = "auth-fatal"  # key, permission, region, account or mode: no repetition helps
    REFUSE = "refuse"  # refused as it stands
    UNKNOWN = "unknown"  # perhaps executed: look up by order link id, never send under a new one
    ALREADY_DONE = "already-done"  # what was asked for holds, or the order has ended: look up
    MARGIN = "margin"  # the account must change first
    MAINTENANCE = "maintenance"  # the venue or the symbol is not trading now


class VenueAnswer(msgspec.Struct, frozen=True):
    """One code. `on_write` is its class for a request that changes something, where that differs."""

    code: int
    meaning: str
    kind: CodeClass
    rejection: RejectReason | None = None
    on_write: CodeClass | None = None


_C, _R = CodeClass, RejectReason

_GROUPS: tuple[tuple[CodeClass, RejectReason | None, str, tuple[int, ...]], ...] = (
    (_C.OK, None, "success", (0,)),
    (_C.CLOCK, None, "timestamp outside the window", (10002, -1)),
    (_C.RATE, _R.RATE_LIMITED, "limit of the endpoint used up", (10006, 170222)),
    (_C.RATE, _R.RATE_LIMITED, "limit of the IP address used up", (10018,)),
    (_C.AUTH_FATAL, None, "key, signature, permission or IP binding", (10003, 10004, 10005, 10007, 10010)),
    (_C.AUTH_FATAL, None, "the key has expired", (33004, -2015)),
    (_C.AUTH_FATAL, None, "banned, region, compliance or account type", (10008, 10009, 10024, 10027, 10028, 100028)),
    (_C.AUTH_FATAL, None, "symbol not allowed for the key, or terms not signed", (10029, 110123, 110124, 110125)),
    (_C.AUTH_FATAL, None, "not allowed for this account", (110132, 170209, 170241, 170348)),
    (_C.AUTH_FATAL, None, "not supported by demo trading", (10032,)),
    (_C.AUTH_FATAL, None, "position mode cannot be switched now", (110024, 110028, 110029)),
    (_C.REFUSE, _R.BAD_PARAMETER, "no such route, or not with this method", (10017,)),
    (_C.REFUSE, _R.BAD_PARAMETER, "unknown operation or category", (10404,)),
    (_C.REFUSE, _R.BAD_PARAMETER, "a parameter is wrong; the text says which", (10001,)),
    (_C.UNKNOWN, None, "duplicate request id", (10014, 20006)),
    (_C.UNKNOWN, None, "server time-out or internal error", (10000, 10016, 10019, 500000)),
    (_C.UNKNOWN, None, "spot time-out or internal error", (170001, 170007, 170032, 170146, 170147, 170234, 170310)),
    (_C.ALREADY_DONE, _R.ORDER_NOT_FOUND, "order does not exist, or too late", (110001, 170213)),
    (_C.ALREADY_DONE, _R.ORDER_NOT_FOUND, "order has been filled or cancelled", (110008, 110010)),
    (_C.ALREADY_DONE, _R.ORDER_NOT_FOUND, "spot order has been filled or cancelled", (170139, 170142, 170190)),
    (_C.RETRY, None, "order is being processed", (110079, 170144, 170212, 170191, 40004)),
    (_C.ALREADY_DONE, _R.DUPLICATE_ID, "duplicate order link id: the first attempt exists", (110072, 170141)),
    (_C.ALREADY_DONE, _R.DUPLICATE_ID, "duplicate order link id, legacy", (12141, 30001)),
    (_C.MARGIN, _R.INSUFFICIENT_MARGIN, "balance or margin short", (110004, 110006, 110007, 110012, 110014, 110044)),
    (_C.MARGIN, _R.INSUFFICIENT_MARGIN, "available balance short", (110045, 110051, 110052, 110053, 110131, 30256)),
    (_C.MARGIN, _R.INSUFFICIENT_MARGIN, "spot balance short", (170033, 170131)),
    (_C.MARGIN, _R.INSUFFICIENT_MARGIN, "would lead to liquidation", (110011, 110039, 110040, 110046)),
    (_C.MARGIN, _R.INSUFFICIENT_MARGIN, "account in liquidation, or margin rate too high", (182104, 140003, 182106)),
    (_C.REFUSE, _R.RISK_LIMIT, "risk limit or cap of the position", (110013, 110021, 110031, 110085, 110086, 110089)),
    (_C.REFUSE, _R.RISK_LIMIT, "risk limit or cap of the account", (110090, 3400139)),
    (_C.REFUSE, _R.PRICE_BAND, "outside the price band", (110003, 110120, 110121, 30208, 30209)),
    (_C.REFUSE, _R.PRICE_BAND, "spot price outside the band", (170132, 170133, 170192, 170193, 170194, 170371, 170372)),
    (_C.REFUSE, _R.TRIGGER_SIDE, "trigger price on the wrong side", (110092, 110093, 170203, 170204)),
    (_C.REFUSE, _R.BELOW_MINIMUM, "below the least value or quantity", (110094, 170136, 170140)),
    (_C.REFUSE, _R.REDUCE_ONLY, "nothing to reduce", (110017,)),
    (_C.REFUSE, _R.BAD_PARAMETER, "size or decimals", (170124, 170134, 170137, 170148, 170341, 170381, 170382)),
    (_C.REFUSE, _R.TOO_MANY_ORDERS, "too many orders of this kind", (110009, 110020, 110061, 170810)),
    (_C.REFUSE, _R.BAD_PARAMETER, "the order cannot be amended so", (110022, 110064, 110059, 110060, 170312, 170313)),
    (_C.ALREADY_DONE, _R.NOTHING_CHANGED, "nothing would change", (110025, 110026, 110027, 110043, 34040)),
    (_C.REFUSE, _R.NOT_TRADING, "only closing is allowed", (110023, 110042, 30228, 110137)),
    (_C.REFUSE, _R.NOT_TRADING, "position in liquidation or deleveraging", (110005, 110035)),
    (_C.MAINTENANCE, _R.NOT_TRADING, "settlement, halt or auction", (110063, 110066, 110074, 110095, 110098, 110103)),
    (_C.MAINTENANCE, _R.NOT_TRADING, "spot symbol not live", (170151, 170157, 170031, 170159, 170206)),
    (_C.REFUSE, _R.VENUE_OTHER, "no liquidity", (110118,)),
    (_C.REFUSE, _R.WOULD_TAKE, "post-only orders alone are taken", (170217,)),
    (_C.REFUSE, _R.WOULD_TAKE, "a post-only order would take", (170218,)),
    (_C.REFUSE, _R.VENUE_OTHER, "not allowed in portfolio margin", (110038,)),
    (_C.REFUSE, _R.VENUE_OTHER, "margin mode not set", (3400045,)),
    (_C.REFUSE, _R.BAD_PARAMETER, "not for pre-market contracts", (110100,)),
    (_C.REFUSE, _R.BAD_PARAMETER, "wrong filter of a query", (181017,)),
)

_OVERLOAD = (429, 10429, 20003, 10403, 170005)
"""Too fast or overloaded: a read waits; of a write nobody knows."""

CODES: dict[int, VenueAnswer] = {
    code: VenueAnswer(code, meaning, kind, rejection) for kind, rejection, meaning, codes in _GROUPS for code in codes
} | {
    code: VenueAnswer(code, "overload, or too fast", CodeClass.RATE, RejectReason.RATE_LIMITED, CodeClass.UNKNOWN)
    for code in _OVERLOAD
}
"""Every code that the reference names."""

HTTP_STATUSES: dict[int, VenueAnswer] = {
    400: VenueAnswer(400, "bad request", CodeClass.REFUSE, RejectReason.BAD_PARAMETER),
    401: VenueAnswer(401, "bad or missing key", CodeClass.AUTH_FATAL),
    403: VenueAnswer(403, "IP limit, region, or a GET with a body", CodeClass.AUTH_FATAL),
    404: VenueAnswer(404, "no such path", CodeClass.REFUSE, RejectReason.BAD_PARAMETER),
    429: VenueAnswer(429, "overload", CodeClass.RATE, RejectReason.RATE_LIMITED, CodeClass.UNKNOWN),
}
"""Statuses other than 200. A 403 whose text says "access too frequent" is a ban of the address: see `http_class`."""


def answer_of(code: int) -> VenueAnswer:
    """The row of a code; one that is not in the table is retried for a read and unknown for a write."""
    found = CODES.get(code)
    return found or VenueAnswer(code, "not in the table", CodeClass.RETRY, None, CodeClass.UNKNOWN)


def class_of(code: int, is_write: bool) -> CodeClass:
    """What to do about `code` in the answer to a read or a write."""
    answer = answer_of(code)
    return (answer.on_write or answer.kind) if is_write else answer.kind


def http_class(status: int, text: str, is_write: bool) -> CodeClass:
    """What to do about an HTTP status, with the answer's text; 5xx leaves a write's outcome unknown."""
    if status == 403 and "too frequent" in text:
        return CodeClass.RATE
    found = HTTP_STATUSES.get(status)
    if found is None:
        return CodeClass.UNKNOWN if is_write else CodeClass.RETRY
    return (found.on_write or found.kind) if is_write else found.kind


def reject_reason_for(code: int) -> RejectReason:
    """Our word for a code that refused a request; the model's own table comes first."""
    return REJECT_REASONS.get(code) or answer_of(code).rejection or RejectReason.VENUE_OTHER
