"""The mailbox of a socket: what is kept, what is replaced, what is dropped, and that nothing kept is ever lost."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.bybit.edges.mailbox import FrameMailbox
from actors.bybit.frame_rules import Waiting, merge_ticker, rule_of
from tests.actors.bybit.samples import SAMPLES


def frame(topic: str, kind: str = "", **data: Any) -> str:
    return json.dumps({"topic": topic, **({"type": kind} if kind else {}), "ts": 1, "data": data})


def kline(number: int, *, confirm: bool) -> str:
    return json.dumps({"topic": "kline.1.BTCUSDT", "ts": 1, "data": [{"start": number, "confirm": confirm}]})


def order(number: int) -> str:
    return json.dumps({"topic": "order", "id": str(number), "creationTime": 1, "data": []})


def all_of(mailbox: FrameMailbox) -> list[str]:
    found: list[str] = []
    while (taken := mailbox.take()) is not None:
        found.append(taken.text)
    return found


@pytest.mark.parametrize(
    ("text", "waiting"),
    [
        (json.dumps(SAMPLES["order frame"]), Waiting.KEEP),
        (json.dumps(SAMPLES["execution frame"]), Waiting.KEEP),
        (frame("position"), Waiting.KEEP),
        (json.dumps(SAMPLES["linear subscribe ack"]), Waiting.KEEP),
        (json.dumps(SAMPLES["private pong"]), Waiting.KEEP),
        (frame("system.status"), Waiting.KEEP),
        (kline(0, confirm=True), Waiting.KEEP),
        (kline(0, confirm=False), Waiting.REPLACE),
        (frame("orderbook.1.BTCUSDT", "snapshot"), Waiting.REPLACE),
        (frame("orderbook.50.BTCUSDT", "delta"), Waiting.QUEUE),
        (frame("tickers.BTCUSDT", "snapshot"), Waiting.REPLACE),
        (frame("tickers.BTCUSDT", "delta"), Waiting.MERGE),
        (frame("priceLimit.BTCUSDT"), Waiting.REPLACE),
        (frame("publicTrade.BTCUSDT", "snapshot"), Waiting.QUEUE),
        (frame("nonsense.BTCUSDT"), Waiting.KEEP),
        ("not JSON", Waiting.KEEP),
        ('{"topic": 5}', Waiting.KEEP),
        ('{"topic": "kline.1.BTCUSDT", "data": "x"}', Waiting.KEEP),
        ("[" * 100_000, Waiting.KEEP),
    ],
)
def test_the_rule_of_each_kind_of_frame(text: str, waiting: Waiting) -> None:
    assert rule_of(text).waiting is waiting


def test_orders_and_executions_come_out_as_they_came_in() -> None:
    mailbox = FrameMailbox()
    frames = [order(0), frame("execution", n=1), order(0), order(2), frame("execution", n=1)]
    assert all(mailbox.put(each) for each in frames)
    assert all_of(mailbox) == frames


def test_the_newest_state_takes_the_older_ones_place() -> None:
    mailbox = FrameMailbox()
    for each in (frame("orderbook.1.A", "snapshot", u=1), order(1), frame("orderbook.1.A", "snapshot", u=2)):
        mailbox.put(each)
    mailbox.put(frame("orderbook.1.B", "snapshot", u=9))
    taken = mailbox.take()
    assert taken == (frame("orderbook.1.A", "snapshot", u=2), 1)
    assert all_of(mailbox) == [order(1), frame("orderbook.1.B", "snapshot", u=9)]


def test_a_closed_candle_stays_and_what_was_told_of_it_before_goes() -> None:
    mailbox = FrameMailbox()
    for text in (kline(0, confirm=False), kline(0, confirm=True), kline(1, confirm=False), kline(2, confirm=False)):
        mailbox.put(text)
    assert all_of(mailbox) == [kline(0, confirm=True), kline(2, confirm=False)]


def test_ticker_changes_are_merged_and_a_snapshot_stays_one() -> None:
    mailbox = FrameMailbox()
    mailbox.put(frame("tickers.A", "snapshot", lastPrice="1", markPrice="2"))
    mailbox.put(frame("tickers.A", "delta", lastPrice="3"))
    mailbox.put(frame("tickers.A", "delta", fundingRate="4"))
    (text,) = all_of(mailbox)
    assert json.loads(text) == {
        "topic": "tickers.A", "type": "snapshot", "ts": 1,
        "data": {"lastPrice": "3", "markPrice": "2", "fundingRate": "4"},
    }  # fmt: skip
    older, newer = frame("tickers.A", "delta", a="1"), frame("tickers.A", "delta", b="2")
    assert json.loads(merge_ticker(older, newer))["type"] == "delta"


def test_a_book_too_far_behind_loses_all_that_waits_and_a_snapshot_replaces_it() -> None:
    mailbox = FrameMailbox(topic_limit=3)
    for u in range(5):
        mailbox.put(frame("orderbook.50.A", "delta", u=u))
    mailbox.put(order(1))
    assert mailbox.take() == (frame("orderbook.50.A", "delta", u=3), 3)
    mailbox.put(frame("orderbook.50.A", "snapshot", u=9))
    assert all_of(mailbox) == [order(1), frame("orderbook.50.A", "snapshot", u=9)]


def test_what_must_be_kept_and_does_not_fit_is_refused() -> None:
    mailbox = FrameMailbox(limit=2)
    assert [mailbox.put(order(number)) for number in range(3)] == [True, True, False]
    assert all_of(mailbox) == [order(0), order(1)]
    small = FrameMailbox(max_chars=len(order(0)))
    assert [small.put(order(0)), small.put(order(1))] == [True, False]
    small.take()
    assert small.put(order(1))


def test_replacing_needs_no_room_and_memory_is_bounded_for_a_reader_that_stands_still() -> None:
    mailbox = FrameMailbox(limit=50, topic_limit=10)
    for number in range(20_000):
        symbol = "AB"[number % 2]
        assert mailbox.put(frame(f"orderbook.1.{symbol}", "snapshot", u=number))
        assert mailbox.put(frame(f"orderbook.50.{symbol}", "delta", u=number))
        assert mailbox.put(frame(f"tickers.{symbol}", "delta", lastPrice=str(number)))
    assert len(mailbox) <= 24
    assert mailbox.put(order(1))


TEXTS = st.one_of(
    st.integers(0, 99).map(order),
    st.tuples(st.integers(0, 9), st.booleans()).map(lambda of: kline(of[0], confirm=of[1])),
    st.tuples(st.sampled_from(["1", "50"]), st.sampled_from(["snapshot", "delta"]), st.integers(0, 9)).map(
        lambda of: frame(f"orderbook.{of[0]}.A", of[1], u=of[2])
    ),
    st.tuples(st.sampled_from(["snapshot", "delta"]), st.integers(0, 9)).map(
        lambda of: frame("tickers.A", of[0], lastPrice=str(of[1]))
    ),
)


@given(st.lists(st.one_of(TEXTS, st.none()), max_size=80))
def test_kept_frames_are_neither_lost_nor_reordered_and_every_frame_is_accounted_for(steps: list[str | None]) -> None:
    mailbox = FrameMailbox(limit=1000, topic_limit=4)
    put: list[str] = []
    out: list[str] = []
    dropped = 0
    for text in [*steps, *[None] * len(steps)]:
        if text is not None:
            assert mailbox.put(text)
            put.append(text)
        elif (taken := mailbox.take()) is not None:
            out.append(taken.text)
            dropped += taken.dropped
    assert [text for text in out if rule_of(text).waiting is Waiting.KEEP] == [
        text for text in put if rule_of(text).waiting is Waiting.KEEP
    ]
    assert len(out) + dropped == len(put)
    assert mailbox._chars == 0
    assert not mailbox._waiting
