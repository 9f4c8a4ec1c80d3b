"""The report is one self-contained file that makes no requests, and escapes every text of a user."""

import json
import re
from typing import Any

import pytest

from actors.app.results.report.page import MAX_BYTES, report_page
from actors.app.results.tape import RunTape
from tests.actors.app.results.tapes import a_card, a_fill, a_refusal, a_result, a_tape, some_bars

EVIL = "</script><script>alert('é😀')</script>"


def embedded(page: str) -> list[dict[str, Any]]:
    """Every JSON object that stands in a script element of the page."""
    texts = re.findall(r'<script[^>]*type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL)
    return [json.loads(text) for text in texts]


def with_trades(count: int, **changes: Any) -> RunTape:
    bars = some_bars([str(100 + bar % 7) for bar in range(2 * count + 2)])
    fills = []
    for trade in range(count):
        fills.append(a_fill(bars, 2 * trade, "1", "100", **changes))
        fills.append(a_fill(bars, 2 * trade + 1, "-1", "101", **changes))
    return a_tape(bars, fills, refusals=(a_refusal(bars, 0, reason=EVIL),))


def test_no_text_of_the_users_ends_the_element_it_stands_in() -> None:
    tape = with_trades(1, block_id=EVIL)
    page = report_page(a_result(a_tape(tape.bars, tape.fills, card=a_card(thesis=EVIL), refusals=tape.refusals)))
    assert "<script>alert" not in page
    (data,) = embedded(page)
    assert EVIL in json.dumps(data, ensure_ascii=False)


@pytest.mark.parametrize("count", [0, 1, 12_000])
def test_the_page_is_whole_and_within_its_size(count: int) -> None:
    page = report_page(a_result(with_trades(count)))
    assert len(page.encode()) <= MAX_BYTES
    (data,) = embedded(page)
    assert len(data["chart"]["time"]) <= 20_000


def test_the_page_asks_nobody_for_anything() -> None:
    page = report_page(a_result(with_trades(3)))
    assert "default-src 'none'" in page
    markup = page.split("<script", 1)[0]
    credit = (
        '<a href="https://www.tradingview.com/">'  # the chart library's licence asks for it; a link fetches nothing
    )
    assert markup.count(credit) == 1
    assert not re.search(r'(?:src|href)\s*=\s*["\']?(?:https?:)?//', markup.replace(credit, ""))


def test_what_is_not_modelled_is_said() -> None:
    assert "funding not modelled" in report_page(a_result(with_trades(1))).lower()
