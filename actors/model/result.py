"""What became of a request: accepted, refused or unknown, and every reason for a refusal.

A tri-state, because a time-out is not a failure: the order may be working. One `Refusal` enum serves our own checks
and the venue's codes (`VENUE_CODES`), so a strategy meets one vocabulary whoever said no.
"""

from enum import StrEnum

import msgspec

from actors.model.fixed import Price, Qty

__all__ = ["MEANINGS", "VENUE_CODES", "OrderResult", "Refusal", "RequestOutcome", "VenueCode", "refusal_of"]


class Refusal(StrEnum):
    """Why an intent or an order was refused."""

    ENTRY_IN_FLIGHT = "ENTRY_IN_FLIGHT"
    POSITION_OPEN = "POSITION_OPEN"
    NO_POSITION = "NO_POSITION"
    EXIT_IN_FLIGHT = "EXIT_IN_FLIGHT"
    BELOW_MINIMUM = "BELOW_MINIMUM"
    ABOVE_MAXIMUM = "ABOVE_MAXIMUM"
    HALTED = "HALTED"
    QUARANTINED = "QUARANTINED"
    UNRESOLVED_PRICE = "UNRESOLVED_PRICE"
    RISK_ORDER_NOTIONAL = "RISK_ORDER_NOTIONAL"
    RISK_POSITION_NOTIONAL = "RISK_POSITION_NOTIONAL"
    INSUFFICIENT_MARGIN = "INSUFFICIENT_MARGIN"
    DUPLICATE_ID = "DUPLICATE_ID"
    REDUCE_ONLY = "REDUCE_ONLY"
    BAD_PARAMETER = "BAD_PARAMETER"
    PRICE_BAND = "PRICE_BAND"
    TRIGGER_SIDE = "TRIGGER_SIDE"
    TOO_MANY_ORDERS = "TOO_MANY_ORDERS"
    RATE_LIMITED = "RATE_LIMITED"
    ORDER_NOT_FOUND = "ORDER_NOT_FOUND"
    NOTHING_CHANGED = "NOTHING_CHANGED"
    WOULD_TAKE = "WOULD_TAKE"
    RISK_LIMIT = "RISK_LIMIT"
    NOT_TRADING = "NOT_TRADING"
    NEVER_ARRIVED = "NEVER_ARRIVED"
    NEVER_SENT = "NEVER_SENT"
    VENUE_OTHER = "VENUE_OTHER"


MEANINGS: dict[Refusal, str] = {
    Refusal.ENTRY_IN_FLIGHT: "an earlier entry of the card has not ended yet",
    Refusal.POSITION_OPEN: "a position is open, and the entry does not add to it",
    Refusal.NO_POSITION: "there is no position to exit",
    Refusal.EXIT_IN_FLIGHT: "an exit at market is under way already",
    Refusal.BELOW_MINIMUM: "the quantity or the value is below the instrument's minimum",
    Refusal.ABOVE_MAXIMUM: "the quantity is above the instrument's maximum",
    Refusal.HALTED: "the trading state does not allow it",
    Refusal.QUARANTINED: "the venue's position is not what its executions come to: entries are blocked",
    Refusal.UNRESOLVED_PRICE: "the price that the order refers to has no value",
    Refusal.RISK_ORDER_NOTIONAL: "the order is worth more than risk.max_order_notional",
    Refusal.RISK_POSITION_NOTIONAL: "the position would be worth more than risk.max_position_notional",
    Refusal.INSUFFICIENT_MARGIN: "the available balance does not cover margin and fees",
    Refusal.DUPLICATE_ID: "the venue has an order of this id already",
    Refusal.REDUCE_ONLY: "the order is reduce-only, and there is no position that it would reduce",
    Refusal.BAD_PARAMETER: "the venue does not accept a value of the request",
    Refusal.PRICE_BAND: "the price is outside the venue's price band",
    Refusal.TRIGGER_SIDE: "the trigger price is on the wrong side of the market",
    Refusal.TOO_MANY_ORDERS: "the venue allows no more open orders of this kind",
    Refusal.RATE_LIMITED: "the venue's rate limit was used up",
    Refusal.ORDER_NOT_FOUND: "the venue does not know the order, or it has ended",
    Refusal.NOTHING_CHANGED: "the request would change nothing",
    Refusal.WOULD_TAKE: "a post-only order would have traded at once",
    Refusal.RISK_LIMIT: "the position would exceed the venue's risk limit",
    Refusal.NOT_TRADING: "the instrument is not trading, or may only be closed",
    Refusal.NEVER_ARRIVED: "the order did not reach the venue, however often it was sent",
    Refusal.NEVER_SENT: "the order waited for the rate limit past its deadline and was not sent",
    Refusal.VENUE_OTHER: "the venue refused it and gave no reason",
}
"""What each refusal means, in words: the reason where whoever refused gave none."""


class VenueCode:
    """Bybit's codes that the simulated venue answers with (REFERENCE of the protocol, section 14)."""

    OK = 0
    PARAMETER = 10001
    RATE_LIMITED = 10006
    SERVER_ERROR = 10016
    ORDER_NOT_FOUND = 110001
    PRICE_BAND = 110003
    INSUFFICIENT_MARGIN = 110007
    TOO_MANY_CONDITIONAL = 110009
    LEVERAGE_LIMIT = 110013
    REDUCE_ONLY = 110017
    TOO_MANY_ACTIVE = 110020
    CLOSING_ONLY = 110023
    LEVERAGE_UNCHANGED = 110043
    TOO_MANY_PROTECTIONS = 110061
    UNDER_FILLED = 110064
    DUPLICATE_ID = 110072
    VALUE_LIMIT = 110090
    TRIGGER_NOT_ABOVE = 110092
    TRIGGER_NOT_BELOW = 110093
    MIN_NOTIONAL = 110094
    NOTHING_CHANGED = 34040


VENUE_CODES: dict[int, Refusal] = {
    VenueCode.PARAMETER: Refusal.BAD_PARAMETER,
    VenueCode.RATE_LIMITED: Refusal.RATE_LIMITED,
    VenueCode.ORDER_NOT_FOUND: Refusal.ORDER_NOT_FOUND,
    VenueCode.PRICE_BAND: Refusal.PRICE_BAND,
    VenueCode.INSUFFICIENT_MARGIN: Refusal.INSUFFICIENT_MARGIN,
    VenueCode.TOO_MANY_CONDITIONAL: Refusal.TOO_MANY_ORDERS,
    VenueCode.LEVERAGE_LIMIT: Refusal.RISK_LIMIT,
    VenueCode.REDUCE_ONLY: Refusal.REDUCE_ONLY,
    VenueCode.TOO_MANY_ACTIVE: Refusal.TOO_MANY_ORDERS,
    VenueCode.CLOSING_ONLY: Refusal.NOT_TRADING,
    VenueCode.LEVERAGE_UNCHANGED: Refusal.NOTHING_CHANGED,
    VenueCode.TOO_MANY_PROTECTIONS: Refusal.TOO_MANY_ORDERS,
    VenueCode.UNDER_FILLED: Refusal.BAD_PARAMETER,
    VenueCode.DUPLICATE_ID: Refusal.DUPLICATE_ID,
    VenueCode.VALUE_LIMIT: Refusal.RISK_LIMIT,
    VenueCode.TRIGGER_NOT_ABOVE: Refusal.TRIGGER_SIDE,
    VenueCode.TRIGGER_NOT_BELOW: Refusal.TRIGGER_SIDE,
    VenueCode.MIN_NOTIONAL: Refusal.BELOW_MINIMUM,
    VenueCode.NOTHING_CHANGED: Refusal.NOTHING_CHANGED,
}


def refusal_of(code: int) -> Refusal:
    """Our word for a venue code; VENUE_OTHER keeps the code beside it."""
    return VENUE_CODES.get(code, Refusal.VENUE_OTHER)


class RequestOutcome(StrEnum):
    """Accepted is an acknowledgement, never a fill; unknown is a question for the reconciler.

    Never sent is our own gate's word, and proof: the request did not leave the house and never will.
    """

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    NEVER_SENT = "never_sent"


class OrderResult(msgspec.Struct, frozen=True, gc=False):
    """The venue's word on one request (submit, amend, cancel, set_protection)."""

    outcome: RequestOutcome
    link_id: str = ""
    order_id: str = ""
    status: str = ""
    filled_qty: Qty = Qty(0)
    average_price: Price | None = None
    code: int = 0
    refusal: Refusal | None = None
    reason: str = ""
