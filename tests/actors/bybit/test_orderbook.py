"""An order book from frames: the capture gives the book it should, and every rule of u, restart and gap is kept."""

import json
from decimal import Decimal
from typing import Any

import pytest

from actors.bybit.orderbook import BookUpdate, OrderBook
from actors.bybit.wire.base import WireError, decode
from actors.bybit.wire.streams import BookFrame
from tests.actors.bybit.shared import FIXTURES, needs_fixtures

CAPTURE = "capture_orderbook_500_XRPUSDT_part1"


def a_frame(kind: str, u: int, bids: list[list[str]], asks: list[list[str]], **more: Any) -> BookFrame:
    data = {"s": "BTCUSDT", "b": bids, "a": asks, "u": u, "seq": u * 100}
    frame = {"topic": "orderbook.50.BTCUSDT", "type": kind, "ts": 1, "cts": u, "data": data, **more}
    return decode(json.dumps(frame), BookFrame)


def a_book(depth: int = 50) -> OrderBook:
    """Two levels a side at u = 10: bids 100.5, 100.4; asks 100.6, 100.7."""
    book = OrderBook(depth, 1, 3)
    snapshot = a_frame("snapshot", 10, [["100.5", "1"], ["100.4", "2"]], [["100.6", "3"], ["100.7", "4"]])
    assert book.apply(snapshot) is BookUpdate.REPLACED
    return book


@needs_fixtures
def test_the_capture_gives_the_expected_book_after_each_frame() -> None:
    expected = json.loads((FIXTURES / f"{CAPTURE}.expected.json").read_text(encoding="utf-8"))["after_each"]
    lines = (FIXTURES / f"{CAPTURE}.jsonl").read_text(encoding="utf-8").splitlines()
    book = OrderBook(500, 4, 0)
    for line, wanted in zip(lines, expected, strict=True):
        update = book.apply(decode(line, BookFrame))
        assert update is (BookUpdate.REPLACED if wanted["type"] == "snapshot" else BookUpdate.CHANGED)
        assert (book.u, book.seq, book.matched_ms) == (wanted["u"], wanted["seq"], wanted["cts"])
        assert (len(book.bids), len(book.asks)) == (wanted["n_bids"], wanted["n_asks"])
        for side, best in ((book.bids, wanted["best_bid"]), (book.asks, wanted["best_ask"])):
            assert side.best == (int(Decimal(best[0]) * 10_000), int(best[1]))


def test_a_delta_changes_adds_and_removes_levels() -> None:
    book = a_book()
    delta = a_frame("delta", 11, [["100.5", "0"], ["100.3", "7"]], [["100.55", "1"], ["100.6", "0.5"]][1:])
    assert book.apply(delta) is BookUpdate.CHANGED
    assert book.bids.levels() == ((1004, 2000), (1003, 7000))
    assert book.asks.levels() == ((1006, 500), (1007, 4000))
    assert book.asks.levels(1) == ((1006, 500),)
    assert (book.u, book.seq, book.matched_ms) == (11, 1100, 11)


def test_levels_are_kept_best_first_in_whatever_order_they_come() -> None:
    book = a_book()
    book.apply(a_frame("delta", 11, [["99", "1"], ["100.45", "1"]][:1], [["103", "1"], ["100.9", "1"], ["102", "1"]]))
    assert [price for price, _ in book.asks.levels()] == [1006, 1007, 1009, 1020, 1030]
    assert [price for price, _ in book.bids.levels()] == [1005, 1004, 990]


def test_removing_a_level_that_is_not_there_changes_nothing() -> None:
    book = a_book()
    assert book.apply(a_frame("delta", 11, [["90", "0"]], [])) is BookUpdate.CHANGED
    assert len(book.bids) == 2


@pytest.mark.parametrize("u", [9, 10, 12, 500])
def test_a_delta_that_does_not_follow_ends_the_book(u: int) -> None:
    book = a_book()
    assert book.apply(a_frame("delta", u, [["100.5", "9"]], [])) is BookUpdate.GAP
    assert (book.is_valid, book.bids.best, len(book.asks)) == (False, None, 0)
    assert book.apply(a_frame("delta", u + 1, [["100.5", "9"]], [])) is BookUpdate.NO_BOOK
    assert book.apply(a_frame("snapshot", 600, [["1", "1"]], [])) is BookUpdate.REPLACED
    assert (book.is_valid, book.bids.levels(), book.u) == (True, ((10, 1000),), 600)


def test_before_a_snapshot_there_is_no_book() -> None:
    book = OrderBook(50, 1, 3)
    assert book.apply(a_frame("delta", 11, [["100.5", "9"]], [])) is BookUpdate.NO_BOOK
    assert not book.is_valid


@pytest.mark.parametrize("kind", ["snapshot", "delta"])
def test_a_frame_of_u_one_replaces_the_book_whatever_it_calls_itself(kind: str) -> None:
    book = a_book()
    assert book.apply(a_frame(kind, 1, [["50", "1"]], [])) is BookUpdate.REPLACED
    assert (book.bids.levels(), len(book.asks), book.u) == (((500, 1000),), 0, 1)
    assert book.apply(a_frame("delta", 2, [["51", "1"]], [])) is BookUpdate.CHANGED


def test_a_snapshot_that_comes_unasked_replaces_and_a_repeated_one_changes_nothing() -> None:
    book = a_book()
    assert book.apply(a_frame("snapshot", 10, [["1", "1"]], [])) is BookUpdate.REPEATED
    assert len(book.bids) == 2
    assert book.apply(a_frame("snapshot", 40, [["1", "1"]], [])) is BookUpdate.REPLACED
    assert (len(book.bids), len(book.asks)) == (1, 0)


def test_a_book_deeper_than_its_topic_is_corrupt() -> None:
    book = a_book(depth=2)
    assert book.apply(a_frame("delta", 11, [["100.3", "1"]], [])) is BookUpdate.TOO_DEEP
    assert not book.is_valid


def test_a_level_that_comes_as_another_leaves_fits() -> None:
    book = a_book(depth=2)
    assert book.apply(a_frame("delta", 11, [["100.45", "1"], ["100.4", "0"]][1:], [])) is BookUpdate.CHANGED
    assert book.apply(a_frame("delta", 12, [["100.3", "1"]], [])) is BookUpdate.CHANGED


def test_a_price_off_the_grid_is_an_error_and_ends_the_book() -> None:
    book = a_book()
    with pytest.raises(WireError, match="price"):
        book.apply(a_frame("delta", 11, [["100.55", "1"]], []))
    assert not book.is_valid
