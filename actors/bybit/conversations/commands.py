"""Commands of the port: one request each, answered at acceptance."""

from actors.bybit.conversations.asking import Steps, VenueAccount, command
from actors.bybit.translate.levels import category_of
from actors.bybit.translate.orders import write_amend, write_cancel, write_request
from actors.bybit.translate.results import Ruling, result_of
from actors.bybit.translate.stops import write_added_stop, write_leverage, write_trading_stop
from actors.bybit.wire.base import Wire, wire_fields
from actors.bybit.wire.envelope import NoResult
from actors.bybit.wire.orders import AmendOrderBody, CancelOrderBody, CreateOrderBody, OrderAck
from actors.model.backend import (
    AddTradingStop,
    AmendOrder,
    CancelOrder,
    Command,
    SetLeverage,
    SetTradingStop,
    SubmitOrder,
)
from actors.model.result import OrderResult

__all__ = ["run_command"]


def run_command(message: Command, account: VenueAccount) -> Steps[OrderResult]:
    """Send a command; the result is the venue's acknowledgement."""
    match message:
        case SubmitOrder(request):
            instrument = account.instruments[request.symbol]
            item = write_request(request, instrument)
            body: Wire = CreateOrderBody(category=category_of(instrument), **wire_fields(item))
            return (yield from _of_order("order/create", body, request.link_id))
        case AmendOrder():
            instrument = account.instruments[message.symbol]
            body = AmendOrderBody(category=category_of(instrument), **wire_fields(write_amend(message, instrument)))
            return (yield from _of_order("order/amend", body, message.link_id))
        case CancelOrder():
            instrument = account.instruments[message.symbol]
            body = CancelOrderBody(category=category_of(instrument), **wire_fields(write_cancel(message)))
            return (yield from _of_order("order/cancel", body, message.link_id))
        case SetTradingStop():
            stop = write_trading_stop(message, account.instruments[message.symbol])
            return (yield from _of_position("position/trading-stop", stop))
        case AddTradingStop():
            added = write_added_stop(message, account.instruments[message.symbol])
            return (yield from _of_position("position/trading-stop", added))
        case SetLeverage():
            leverage = write_leverage(message, account.instruments[message.symbol])
            return (yield from _of_position("position/set-leverage", leverage))


def _of_order(path: str, body: Wire, link_id: str) -> Steps[OrderResult]:
    """The result carries the venue's id beside ours."""
    ruling, ack = yield from command(path, body, OrderAck)
    return result_of(ruling, link_id, ack.order_id if ack is not None else "")


def _of_position(path: str, body: Wire) -> Steps[OrderResult]:
    ruling: Ruling
    ruling, _ = yield from command(path, body, NoResult)
    return result_of(ruling)
