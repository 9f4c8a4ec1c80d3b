"""The rate limiter works in the simulator too: the venue counts requests, and answers 10006 where nobody holds them."""

from collections import Counter
from typing import Any

import pytest

from actors.app import names
from actors.model.backend import SubmitOrder
from actors.model.order import LocalStatus
from actors.model.result import OrderResult, VenueCode
from actors.orders.messages import OrderUpdated
from runtime.context import Context
from runtime.kernel.cell import Cell
from tests.actors.builders import MINUTE_MS, a_market
from tests.scenarios.scripted import a_limit_order, scripted_house

ORDERS = 20
SENT_MS = 2 * MINUTE_MS
SECOND_MS = 1000
BARS = a_market([(100, 101, 99, 100)] * 5)


def twenty_at_the_second_close(index: int, ctx: Context) -> None:
    if index == 1:
        for number in range(ORDERS):
            ctx.send(names.ORDERS, a_limit_order(number, 9_000 - 10 * number, SENT_MS))


@pytest.mark.parametrize("has_gate", [True, False])
def test_twenty_opens_reach_the_venue_eight_a_second_as_two_are_kept_or_ten_are_refused(*, has_gate: bool) -> None:
    arrived: Counter[int] = Counter()
    refused: Counter[int] = Counter()

    def watch(cell: Cell, message: Any) -> bool:
        now_ms = kernel_box[0].now // 10**6 if kernel_box else 0
        if cell.ref == names.VENUE and isinstance(message, SubmitOrder):
            arrived[now_ms] += 1
        if cell.ref == names.ORDERS and isinstance(message, OrderResult) and message.code == VenueCode.RATE_LIMITED:
            refused[now_ms] += 1
        return False

    kernel_box: list[Any] = []
    kernel, driver = scripted_house(BARS, twenty_at_the_second_close, has_gate=has_gate, fault=watch)
    kernel_box.append(kernel)
    driver.run()
    if has_gate:
        assert arrived == {SENT_MS: 8, SENT_MS + SECOND_MS: 8, SENT_MS + 2 * SECOND_MS: 4}
        assert not refused
    else:
        assert arrived[SENT_MS] == 20
        assert refused[SENT_MS] == 10
    working = {
        record.message.order.request.link_id
        for record in kernel.recorder.stream
        if isinstance(record.message, OrderUpdated) and record.message.order.status is LocalStatus.ACKED
    }
    assert len(working) == ORDERS, "with or without the gate every order rests in the end"
