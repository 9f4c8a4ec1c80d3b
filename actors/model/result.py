"""The outcome of a request (accepted, rejected, unknown or never sent), and every reason for a refusal or rejection.

A time-out is not a failure: its outcome is unknown, because the order may be working. We *refuse* an intent, the venue
*rejects* a request; `RejectReason` lists the reasons of both, so that a strategy sees one vocabulary.
"""

from enum import StrEnum

import msgspec

from actors.model.fixed import Price, Qty

__all__ = [
    "MEANINGS",
    "REJECT_REASONS",
    "OrderResult",
    "RejectReason",
    "RequestOutcome",
    "VenueCode",
    "reject_reason_of",
]


class RejectReason(StrEnum):
    """Why we refused an intent, or the venue rejected an order."""

    ENTRY_IN_FLIGHT = "ENTRY_IN_FLIGHT"
    POSITION_OPEN = "POSITION_OPEN"
    NO_POSITION = "NO_POSITION"
    NO_ENTRY = "NO_ENTRY"
    EXIT_IN_FLIGHT = "EXIT_IN_FLIGHT"
    BELOW_MINIMUM = "BELOW_MINIMUM"
    ABOVE_MAXIMUM = "ABOVE_MAXIMUM"
    HALTED = "HALTED"
    QUARANTINED = "QUARANTINED"
    UNRESOLVED_PRICE = "UNRESOLVED_PRICE"
    LEVEL_SIDE = "LEVEL_SIDE"
    MAX_LAYERS = "MAX_LAYERS"
    SKIPPED = "SKIPPED"
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


MEANINGS: dict[RejectReason, str] = {
    RejectReason.ENTRY_IN_FLIGHT: "an earlier entry of the card has not ended yet",
    RejectReason.POSITION_OPEN: "a position is open, and the entry does not add to it",
    RejectReason.NO_POSITION: "there is no position to exit",
    RejectReason.NO_ENTRY: "no entry of the card rests, so there is none to replace",
    RejectReason.EXIT_IN_FLIGHT: "an exit at market is under way already",
    RejectReason.BELOW_MINIMUM: "the quantity or the value is below the instrument's minimum",
    RejectReason.ABOVE_MAXIMUM: "the quantity is above the instrument's maximum",
    RejectReason.HALTED: "the trading state does not allow it",
    RejectReason.QUARANTINED: "the venue's position is not what its executions come to: entries are blocked",
    RejectReason.UNRESOLVED_PRICE: "the price that the order refers to has no value",
    RejectReason.LEVEL_SIDE: "a stop loss or take profit is on the wrong side of the entry's price",
    RejectReason.MAX_LAYERS: "the position has as many entries as the card allows",
    RejectReason.SKIPPED: "the size is below the instrument's minimum, and the card skips such entries",
    RejectReason.RISK_ORDER_NOTIONAL: "the order is worth more than risk.max_order_notional",
    RejectReason.RISK_POSITION_NOTIONAL: "the position would be worth more than risk.max_position_notional",
    RejectReason.INSUFFICIENT_MARGIN: "the available balance does not cover margin and fees",
    RejectReason.DUPLICATE_ID: "the venue has an order of this id already",
    RejectReason.REDUCE_ONLY: "the order is reduce-only, and there is no position that it would reduce",
    RejectReason.BAD_PARAMETER: "the venue does not accept a value of the request",
    RejectReason.PRICE_BAND: "the price is outside the venue's price band",
    RejectReason.TRIGGER_SIDE: "the trigger price is on the wrong side of the market",
    RejectReason.TOO_MANY_ORDERS: "the venue allows no more open orders of this kind",
    RejectReason.RATE_LIMITED: "the venue's rate limit was used up",
    RejectReason.ORDER_NOT_FOUND: "the venue does not know the order, or it has ended",
    RejectReason.NOTHING_CHANGED: "the request would change nothing",
    RejectReason.WOULD_TAKE: "a post-only order would have traded at once",
    RejectReason.RISK_LIMIT: "the position would exceed the venue's risk limit",
    RejectReason.NOT_TRADING: "the instrument is not trading, or may only be closed",
    RejectReason.NEVER_ARRIVED: "the order did not reach the venue, however often it was sent",
    RejectReason.NEVER_SENT: "the order waited for the rate limit past its deadline and was not sent",
    RejectReason.VENUE_OTHER: "the venue refused it and gave no reason",
}
"""What each reason means; the text shown where a refusal or rejection came without one."""


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


REJECT_REASONS: dict[int, RejectReason] = {
    VenueCode.PARAMETER: RejectReason.BAD_PARAMETER,
    VenueCode.RATE_LIMITED: RejectReason.RATE_LIMITED,
    VenueCode.ORDER_NOT_FOUND: RejectReason.ORDER_NOT_FOUND,
    VenueCode.PRICE_BAND: RejectReason.PRICE_BAND,
    VenueCode.INSUFFICIENT_MARGIN: RejectReason.INSUFFICIENT_MARGIN,
    VenueCode.TOO_MANY_CONDITIONAL: RejectReason.TOO_MANY_ORDERS,
    VenueCode.LEVERAGE_LIMIT: RejectReason.RISK_LIMIT,
    VenueCode.REDUCE_ONLY: RejectReason.REDUCE_ONLY,
    VenueCode.TOO_MANY_ACTIVE: RejectReason.TOO_MANY_ORDERS,
    VenueCode.CLOSING_ONLY: RejectReason.NOT_TRADING,
    VenueCode.LEVERAGE_UNCHANGED: RejectReason.NOTHING_CHANGED,
    VenueCode.TOO_MANY_PROTECTIONS: RejectReason.TOO_MANY_ORDERS,
    VenueCode.UNDER_FILLED: RejectReason.BAD_PARAMETER,
    VenueCode.DUPLICATE_ID: RejectReason.DUPLICATE_ID,
    VenueCode.VALUE_LIMIT: RejectReason.RISK_LIMIT,
    VenueCode.TRIGGER_NOT_ABOVE: RejectReason.TRIGGER_SIDE,
    VenueCode.TRIGGER_NOT_BELOW: RejectReason.TRIGGER_SIDE,
    VenueCode.MIN_NOTIONAL: RejectReason.BELOW_MINIMUM,
    VenueCode.NOTHING_CHANGED: RejectReason.NOTHING_CHANGED,
}


def reject_reason_of(code: int) -> RejectReason:
    """The reason for a venue code; VENUE_OTHER for one that is not listed."""
    return REJECT_REASONS.get(code, RejectReason.VENUE_OTHER)


class RequestOutcome(StrEnum):
    """Accepted is an acknowledgement, never a fill. Unknown: the reconciler has to find out.

    Never sent comes from our own rate limiter and is proof: the request was not sent and never will be.
    """

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    NEVER_SENT = "never_sent"


class OrderResult(msgspec.Struct, frozen=True, gc=False):
    """The result of one request (submit, amend, cancel, set_trading_stop)."""

    outcome: RequestOutcome
    link_id: str = ""
    order_id: str = ""
    status: str = ""
    filled_qty: Qty = Qty(0)
    average_price: Price | None = None
    code: int = 0
    rejection: RejectReason | None = None
    reason: str = ""
