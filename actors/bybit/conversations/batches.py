"""Batches of the port: a request for each ten items, an answer for each item.

The venue answers success even where every item failed; the items' own codes stand beside. It documents twenty items for
linear on one page and ten on another: ten is safe.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from actors.bybit.codes import CodeClass, class_of
from actors.bybit.conversations.asking import Steps, VenueAccount, command, item_codes
from actors.bybit.translate.levels import category_of
from actors.bybit.translate.orders import write_amend, write_cancel, write_request
from actors.bybit.translate.results import Ruling, result_of
from actors.bybit.wire.base import Wire
from actors.bybit.wire.orders import (
    AmendBatchBody,
    BatchAck,
    BatchAckRow,
    CancelAllAck,
    CancelAllBody,
    CancelBatchBody,
    CreateBatchBody,
)
from actors.bybit.wire.values import WireCategory, WireOrderFilter
from actors.model.backend import AmendBatch, Batch, BatchResult, CancelAll, CancelBatch, SubmitBatch
from actors.model.result import OrderResult, RequestOutcome

__all__ = ["ITEMS_A_REQUEST", "MAX_CANCELLED", "run_batch"]

ITEMS_A_REQUEST = 10
MAX_CANCELLED = 500  # of one cancel-all; when there are more, the venue picks at random
_MAX_ROUNDS = 20

_SPOT_FILTERS = (
    WireOrderFilter.ORDER,
    WireOrderFilter.TPSL_ORDER,
    WireOrderFilter.STOP_ORDER,
    WireOrderFilter.OCO_ORDER,
    WireOrderFilter.BIDIRECTIONAL,
)
"""Spot cancels one kind at a time, linear all kinds at once."""

_ACCEPTED = OrderResult(RequestOutcome.ACCEPTED)
Item = TypeVar("Item")


def run_batch(message: Batch, account: VenueAccount) -> Steps[BatchResult]:
    """Send a batch; a result for each item, in their order. Items of one batch are of one category."""
    instruments = account.instruments
    match message:
        case SubmitBatch(requests):
            return (
                yield from _in_chunks(
                    "order/create-batch",
                    [(instruments[one.symbol].category, one.link_id, one) for one in requests],
                    lambda category, chunk: CreateBatchBody(
                        category=category, request=tuple(write_request(one, instruments[one.symbol]) for one in chunk)
                    ),
                )
            )
        case AmendBatch(amends):
            return (
                yield from _in_chunks(
                    "order/amend-batch",
                    [(instruments[one.symbol].category, one.link_id, one) for one in amends],
                    lambda category, chunk: AmendBatchBody(
                        category=category, request=tuple(write_amend(one, instruments[one.symbol]) for one in chunk)
                    ),
                )
            )
        case CancelBatch(cancels):
            return (
                yield from _in_chunks(
                    "order/cancel-batch",
                    [(instruments[one.symbol].category, one.link_id, one) for one in cancels],
                    lambda category, chunk: CancelBatchBody(
                        category=category, request=tuple(write_cancel(one) for one in chunk)
                    ),
                )
            )
        case CancelAll(symbol):
            return (yield from _cancel_all(symbol, category_of(instruments[symbol])))


def _in_chunks(
    path: str, items: Sequence[tuple[str, str, Item]], body: Callable[[WireCategory, list[Item]], Wire]
) -> Steps[BatchResult]:
    """Items are (category, our id, what is asked for)."""
    whole, results = _ACCEPTED, []
    for start in range(0, len(items), ITEMS_A_REQUEST):
        chunk = items[start : start + ITEMS_A_REQUEST]
        category = WireCategory(chunk[0][0])
        ruling, ack = yield from command(path, body(category, [item for _, _, item in chunk]), BatchAck)
        if ruling.kind is not CodeClass.OK or ack is None:
            whole = result_of(ruling) if whole is _ACCEPTED else whole
            results += [result_of(ruling, link_id) for _, link_id, _ in chunk]
            continue
        codes = item_codes(ruling).list or ()
        for at, (_, link_id, _) in enumerate(chunk):
            results.append(_item_result(link_id, at, ack.list, [(code.code, code.msg or "") for code in codes]))
    return BatchResult(whole, tuple(results))


def _item_result(link_id: str, at: int, rows: Sequence[BatchAckRow], codes: Sequence[tuple[int, str]]) -> OrderResult:
    """The word on one item; an item that the answer does not mention has an unknown outcome."""
    if at >= len(codes) or at >= len(rows):
        return result_of(Ruling(CodeClass.UNKNOWN, reason="the answer does not mention it"), link_id)
    code, text = codes[at]
    return result_of(Ruling(class_of(code, is_write=True), code, text), link_id, rows[at].order_id or "")


def _cancel_all(symbol: str, category: WireCategory) -> Steps[BatchResult]:
    """Until nothing is left; an accepted result for each order that was told."""
    results: list[OrderResult] = []
    filters = _SPOT_FILTERS if category is WireCategory.SPOT else (None,)
    for order_filter in filters:
        body = CancelAllBody(category=category, symbol=symbol, order_filter=order_filter)
        for _ in range(_MAX_ROUNDS):
            ruling, ack = yield from command("order/cancel-all", body, CancelAllAck)
            if ruling.kind is not CodeClass.OK or ack is None:
                return BatchResult(result_of(ruling), tuple(results))
            results += [result_of(ruling, row.order_link_id or "", row.order_id) for row in ack.list]
            if len(ack.list) < MAX_CANCELLED:
                break
    return BatchResult(_ACCEPTED, tuple(results))
