"""What the venue refuses, with Bybit's codes: pure tests of a request against instrument, price and position.

Each returns None or the first objection. Codes without one of their own are 10001, whose text says what is wrong.
"""

import re
from typing import NamedTuple

from actors.model.fixed import Price
from actors.model.instrument import Instrument
from actors.model.order import OrderRequest, OrderType, Side, TriggerDirection
from actors.model.result import OrderResult, RequestOutcome, VenueCode, reject_reason_of
from actors.simulator.matching.arithmetic import reducible_qty

__all__ = [
    "MAX_ACTIVE",
    "MAX_CONDITIONAL",
    "Objection",
    "check_count",
    "check_price",
    "check_qty",
    "check_reduce_only",
    "check_request",
    "check_trigger",
    "no_such_order",
    "parameter",
    "price_band_objection",
    "price_limit",
    "rejected",
]

MAX_ACTIVE = 500
MAX_CONDITIONAL = 10
_PRICE_LIMIT = 1 << 62  # the scan of bars counts in 64 bits

_LIMIT = OrderType.LIMIT
_LINK_ID = re.compile(r"[A-Za-z0-9_-]{1,36}")


class Objection(NamedTuple):
    """A venue code and what it means here, for people."""

    code: int
    reason: str


def rejected(objection: Objection, link_id: str = "", order_id: str = "") -> OrderResult:
    """The answer to a rejected request."""
    return OrderResult(
        RequestOutcome.REJECTED,
        link_id,
        order_id,
        code=objection.code,
        rejection=reject_reason_of(objection.code),
        reason=objection.reason,
    )


def no_such_order(command: str) -> Objection:
    """The order has ended, or never was."""
    return Objection(VenueCode.ORDER_NOT_FOUND, f"order not exists or too late to {command}")


def check_request(request: OrderRequest, instrument: Instrument, last: int) -> Objection | None:
    """Symbol, id, grids, quantity limits and notional; a market order's value is judged at the last price."""
    if request.symbol != instrument.symbol:
        return parameter(f"symbol {request.symbol!r} is not traded here; {instrument.symbol} is")
    if not _LINK_ID.fullmatch(request.link_id):
        return parameter("orderLinkId must be 1 to 36 letters, digits, - or _")
    if request.position_idx:
        return parameter("position idx not match position mode")
    objection = check_qty(request, instrument)
    if objection is None and (
        request.type is _LIMIT or request.trigger_price is not None or request.trigger_direction is not None
    ):
        objection = _check_prices(request, instrument)
    if objection is None:
        objection = _check_options(request)
    if objection is not None or request.reduce_only:
        return objection
    price = request.price if request.type is _LIMIT else request.trigger_price
    if instrument.value(last if price is None else price, request.qty) < instrument.min_notional:
        return Objection(VenueCode.MIN_NOTIONAL, "order value is under the minimum notional")
    return None


def price_limit(side: Side, last: int, instrument: Instrument) -> int | None:
    """The highest price a buy may name, the lowest a sell; None without a band.

    The venue's rule with the last price as index and mark and no premium: last x (1 +- X), and never beyond 1 +- Y; on
    the tick, inwards. Passive prices are free.
    """
    if not instrument.price_limit_ratio_x:
        return None
    one, tick = instrument.rate_one, instrument.tick
    share = min(instrument.price_limit_ratio_x, instrument.price_limit_ratio_y or instrument.price_limit_ratio_x)
    if side > 0:
        return last * (one + share) // (one * tick) * tick
    return -(-last * (one - share) // (one * tick)) * tick


def price_band_objection(request: OrderRequest, last: int, instrument: Instrument) -> tuple[Objection | None, int]:
    """Whether a limit price is too aggressive, and the nearest that is not."""
    assert request.price is not None
    limit = price_limit(request.side, last, instrument)
    if limit is None or request.side * (request.price - limit) <= 0:
        return None, request.price
    name = "highest" if request.side > 0 else "lowest"
    reason = f"price {instrument.price_text(request.price)} is beyond the {name}, {instrument.price_text(limit)}"
    return Objection(VenueCode.PRICE_BAND, reason), limit


def check_trigger(request: OrderRequest, instrument: Instrument, last: int) -> Objection | None:
    """A trigger must still be ahead of the price that it names, `last`, on the side its direction says."""
    level = request.trigger_price
    if level is None:
        return None
    if request.trigger_direction is TriggerDirection.RISE and level <= last:
        reason = f"expect rising, but trigger {instrument.price_text(level)} <= last {instrument.price_text(last)}"
        return Objection(VenueCode.TRIGGER_NOT_ABOVE, reason)
    if request.trigger_direction is TriggerDirection.FALL and level >= last:
        reason = f"expect falling, but trigger {instrument.price_text(level)} >= last {instrument.price_text(last)}"
        return Objection(VenueCode.TRIGGER_NOT_BELOW, reason)
    return None


def check_reduce_only(request: OrderRequest, position: int) -> Objection | None:
    """A reduce-only order needs a position of the other side."""
    if request.reduce_only and reducible_qty(position, request.side) == 0:
        return Objection(VenueCode.REDUCE_ONLY, "reduce-only, and there is no position that it would reduce")
    return None


def check_count(is_conditional: bool, active: int, conditional: int) -> Objection | None:
    """Room for one more order beside `active` live and `conditional` untriggered ones."""
    if is_conditional and conditional >= MAX_CONDITIONAL:
        return Objection(VenueCode.TOO_MANY_CONDITIONAL, f"{MAX_CONDITIONAL} conditional orders are the most")
    if not is_conditional and active >= MAX_ACTIVE:
        return Objection(VenueCode.TOO_MANY_ACTIVE, f"{MAX_ACTIVE} active orders are the most")
    return None


def check_qty(request: OrderRequest, instrument: Instrument) -> Objection | None:
    """On the step, and within the limits of its kind; 0 closes all of a position, on a trigger."""
    qty = request.qty
    if qty == 0 and request.close_on_trigger and request.reduce_only:
        return None
    if qty <= 0 or qty % instrument.step:
        step = instrument.qty_text(instrument.step)
        return parameter(f"qty {instrument.qty_text(qty)} is not a positive multiple of the step {step}")
    if qty < instrument.min_qty:
        least = instrument.qty_text(instrument.min_qty)
        return parameter(f"qty {instrument.qty_text(qty)} is under the minimum {least}")
    most = instrument.max_qty if request.type is _LIMIT else instrument.max_market_qty
    if qty > most:
        return parameter(f"qty {instrument.qty_text(qty)} is over the maximum {instrument.qty_text(most)}")
    return None


def _check_options(request: OrderRequest) -> Objection | None:
    """What an order may say beside its price and quantity, and only together."""
    if request.close_on_trigger and (request.trigger_price is None or not request.reduce_only):
        return parameter("closeOnTrigger goes with a trigger and reduceOnly")
    if request.protection is not None and request.reduce_only:
        return parameter("a reduce-only order takes no takeProfit or stopLoss")
    ticks, bp = request.slippage_tolerance_ticks, request.slippage_tolerance_bp
    if ticks is None and bp is None:
        return None
    if request.type is _LIMIT or request.trigger_price is not None:
        return parameter("slippageTolerance is for market orders without a trigger")
    if (ticks is not None and not 1 <= ticks <= 10_000) or (bp is not None and not 1 <= bp <= 1_000):
        return parameter("slippageTolerance must be 1 to 10000 ticks, or 0.01 to 10 percent")
    return parameter("slippageTolerance is in ticks or in percent, not both") if ticks and bp else None


def _check_prices(request: OrderRequest, instrument: Instrument) -> Objection | None:
    if request.type is _LIMIT:
        if request.price is None:
            return parameter("a limit order needs a price")
        objection = check_price("price", request.price, instrument)
        if objection is not None:
            return objection
    if (request.trigger_price is None) is not (request.trigger_direction is None):
        return parameter("triggerPrice and triggerDirection go together")
    return check_price("triggerPrice", request.trigger_price, instrument)


def check_price(name: str, price: Price | None, instrument: Instrument) -> Objection | None:
    """On the tick, above zero and of this world; None is no price to check."""
    if price is None or (0 < price < _PRICE_LIMIT and price % instrument.tick == 0):
        return None
    if price >= _PRICE_LIMIT:
        return parameter(f"{name} {instrument.price_text(price)} is too large")
    tick = instrument.price_text(instrument.tick)
    return parameter(f"{name} {instrument.price_text(price)} is not a positive multiple of the tick {tick}")


def parameter(reason: str) -> Objection:
    """A request that cannot be meant so."""
    return Objection(VenueCode.PARAMETER, reason)
