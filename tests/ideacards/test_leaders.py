"""Leaders: what a card may say of them, and that bars which come one by one give the values of all at once."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ideacards.blocks import PositionView, StrategyBlocksExecutor
from ideacards.card import Card
from ideacards.digest import canonical_form, card_digest
from ideacards.feeds import Bars, Feeds, Snapshot
from ideacards.readiness import bars_to_be_ready, readiness_of, shortages
from tests.ideacards.builders import a_card, a_card_text, faults_of
from tests.ideacards.led import LEADER, LED_PARTS, a_led_card, led_markets, until_ms
from tests.ideacards.markets import MINUTE_MS, random_bars

CARD = a_led_card()
SEEDS = st.integers(0, 2**31)
CHUNKS = st.lists(st.integers(1, 40), min_size=1, max_size=8)
NAMES = [*(name for one in CARD.features for name in one.column_names.values()), "BTCUSDT.close", "BTCUSDT.hl2"]


def shown(feeds: Feeds) -> dict[str, bytes]:
    return {name: feeds.column(name).tobytes() for name in NAMES}


def grown(card: Card, own: Bars, leader: Bars, chunks: list[int], is_asked: bool = True) -> Feeds:
    """Over bars that come in chunks, the leader's as far as they close by then."""
    stop = min(chunks[0] - 1, len(own))
    feeds = Feeds.build(card, own.head(stop), {LEADER: leader.head(0) if not stop else leader})
    for size in (*chunks[1:], len(own)):
        if is_asked:
            shown(feeds)
        stop = min(stop + size, len(own))
        feeds.extend(own.head(stop), {LEADER: until_ms(leader, int(own.ts_close[stop - 1]))})
    return feeds


@settings(max_examples=40, deadline=None)
@given(CHUNKS, SEEDS, st.booleans())
def test_columns_grown_in_chunks_are_those_of_one_batch(chunks: list[int], seed: int, is_asked: bool) -> None:
    own, leader = led_markets(sum(chunks) + 5, seed)
    assert shown(grown(CARD, own, leader, chunks, is_asked)) == shown(Feeds.build(CARD, own, {LEADER: leader}))


def test_bar_by_bar_is_the_same_too() -> None:
    own, leader = led_markets(150, 5)
    assert shown(grown(CARD, own, leader, [1] * 150)) == shown(Feeds.build(CARD, own, {LEADER: leader}))


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.integers(20, 120))
def test_no_value_changes_when_later_bars_come(seed: int, count: int) -> None:
    """Whatever follows in either file, and where: other prices, more bars, none."""
    own, leader = led_markets(count, seed)
    stop = 1 + seed % (count // 2)
    stop = min(stop, len(own) - 1)
    close_ms = int(own.ts_close[stop - 1])
    other = random_bars(count + 40, seed + 9)
    after = until_ms(leader, close_ms)
    rest = other.part(int((other.ts_close <= close_ms).sum()), len(other))
    joined = {
        name: np.concatenate((getattr(after, name), getattr(rest, name))) for name in ("price_open", "price_high")
    }
    joined |= {
        name: np.concatenate((getattr(after, name), getattr(rest, name))) for name in ("price_low", "price_close")
    }
    prices = {name.removeprefix("price_"): column for name, column in joined.items()}
    opens = np.concatenate((after.ts_open, rest.ts_open))
    changed = Bars.of_columns(LEADER, MINUTE_MS, 2, opens, prices, np.concatenate((after.volume, rest.volume)))
    true, poisoned = (Feeds.build(CARD, own, {LEADER: each}) for each in (leader, changed))
    for name in NAMES:
        assert true.column(name)[:stop].tobytes() == poisoned.column(name)[:stop].tobytes(), name


def test_a_leaders_bar_of_the_same_close_is_known_and_a_later_one_is_not() -> None:
    own, leader = random_bars(10, 1), random_bars(12, 2)
    feeds = Feeds.build(CARD, own, {LEADER: leader})
    assert feeds.column("BTCUSDT.close").tolist() == leader.close[:10].tolist()
    assert Snapshot(feeds, 10).value("BTCUSDT.close", 2) == leader.close[7]
    assert Feeds.build(CARD, own, {LEADER: leader.part(3, 12)}).warm_at("BTCUSDT.close") == 3


def test_a_bar_that_comes_late_is_known_from_the_next_close_on() -> None:
    own, leader = random_bars(40, 1), random_bars(40, 2)
    feeds, unasked = (Feeds.build(CARD, own.head(30), {LEADER: leader.head(29)}) for _ in range(2))
    before = {name: feeds.column(name).copy() for name in NAMES}
    for stop in range(31, 41):
        for each in (feeds, unasked):
            each.extend(own.head(stop), {LEADER: leader.head(stop)})
    assert shown(unasked) == shown(feeds), "whenever a column is first asked for"
    prompt = Feeds.build(CARD, own, {LEADER: leader})
    assert feeds.column("BTCUSDT.close")[29] == leader.close[28]
    for name in NAMES:
        assert feeds.column(name)[:30].tobytes() == before[name].tobytes(), f"{name}: what was decided on stands"
    for name in ("average", "smooth", "BTCUSDT.close"):
        assert feeds.column(name)[30:].tolist() == prompt.column(name)[30:].tolist(), name


def test_a_leader_that_ends_is_unknown_once_its_last_value_is_too_old() -> None:
    own, leader = random_bars(60, 1), random_bars(40, 2)
    feeds = Feeds.build(CARD, own, {LEADER: leader})
    known = ~np.isnan(feeds.column("slow"))
    assert known[39:47].all(), "eight exec bars: that of its close, and seven more"
    assert not known[47:].any()
    assert set(feeds.column("BTCUSDT.close")[39:].tolist()) == {float(leader.close[39])}
    aged = a_led_card(
        features="features:\n  last: {use: sma, length: 1, symbol: BTCUSDT, fresh: {age: 3m}}", blocks=READS
    )
    column = Feeds.build(aged, own, {LEADER: leader}).column("last")
    assert np.isnan(column).tolist() == [False] * 43 + [True] * 17


READS = """blocks:
- id: entry
  cases:
  - when: last > 1
    emit: {action: enter_long, size: {quantity: 1}}"""


@settings(max_examples=20, deadline=None)
@given(CHUNKS, SEEDS)
def test_an_executor_that_is_extended_decides_as_one_over_all_bars(chunks: list[int], seed: int) -> None:
    own, leader = led_markets(sum(chunks) + 30, seed)
    whole = Feeds.build(CARD, own, {LEADER: leader})
    at_once = StrategyBlocksExecutor(CARD, whole)
    feeds = Feeds.build(CARD, own.head(1), {LEADER: leader})
    executor = StrategyBlocksExecutor(CARD, feeds)
    wakes = at_once.wakes()
    for stop in range(2, len(own) + 1):
        feeds.extend(own.head(stop), {LEADER: leader})
        executor.extend()
        expected = at_once.evaluate(Snapshot(whole, stop), PositionView())
        assert executor.evaluate(Snapshot(feeds, stop), PositionView()) == expected
        assert not expected or wakes.flat[stop - 1], "a bar at which it emits is one of the wake set"


def test_readiness_counts_a_leaders_bars_and_its_later_start() -> None:
    own, leader = random_bars(100, 1), random_bars(100, 2, start_ms=20 * MINUTE_MS)
    feeds = Feeds.build(CARD, own, {LEADER: leader})
    assert readiness_of(CARD, feeds) == feeds.readiness == 34, "three bars of 5m from minute 20 on"
    assert bars_to_be_ready(CARD) == 20
    assert bars_to_be_ready(a_led_card(features=LED_PARTS["features"] + "\n  over: close / slow")) == 20
    bare = a_led_card(features="", blocks=READS.replace("last", "BTCUSDT.close[3]"))
    assert readiness_of(bare, Feeds.build(bare, own, {LEADER: leader})) == 23
    assert bars_to_be_ready(bare) == 4


def test_too_few_bars_of_a_leader_are_named() -> None:
    own = random_bars(30, 1)
    short = Feeds.build(CARD, own, {LEADER: random_bars(9, 2, start_ms=21 * MINUTE_MS)})
    assert [problem.what for problem in shortages(CARD, short)] == [
        "`slow` needs 3 bars of 5m of BTCUSDT, and there are 1"
    ]
    none = Feeds.build(CARD, own, {LEADER: random_bars(9, 2, start_ms=90 * MINUTE_MS)})
    told = {problem.what for problem in shortages(CARD, none)}
    assert "`ratio` reads a leader that has no bar by the card's last close" in told
    assert "`average` needs 4 bars of 1m of BTCUSDT, and there are 0" in told


def test_bars_of_a_leader_are_needed_and_of_the_same_length() -> None:
    own = random_bars(30, 1)
    with pytest.raises(ValueError, match="no bars of the leader BTCUSDT"):
        Feeds.build(CARD, own)
    with pytest.raises(ValueError, match="bars of 120000 ms"):
        Feeds.build(CARD, own, {LEADER: own_of(120_000)})


def own_of(timeframe_ms: int) -> Bars:
    prices = {name: [1] for name in ("open", "high", "low", "close")}
    return Bars.of_columns(LEADER, timeframe_ms, 0, [0], prices, [1.0])


FAULTS = [  # the part, what stands in it, what is written instead, what is said of that
    ("leaders", "[BTCUSDT]", "BTCUSDT", "expected a list of symbols"),
    ("leaders", "[BTCUSDT]", "[]", "leave `leaders` out"),
    ("leaders", "[BTCUSDT]", "[BTCUSDT, btc]", "a symbol like BTCUSDT"),
    ("leaders", "[BTCUSDT]", "[BTCUSDT, BTCUSDT]", "`BTCUSDT` stands twice"),
    ("leaders", "[BTCUSDT]", f"[{', '.join(f'X{n}' for n in range(11))}]", "at most 10"),
    ("leaders", "[BTCUSDT]", "[BTCUSDT, ETHUSDT]", "`ETHUSDT` is what the card trades; leave it out"),
    ("leaders", "[BTCUSDT]", "[BTCUSDT, SOLUSDT]", "nothing reads the leader `SOLUSDT`; read `SOLUSDT.close`"),
    ("leaders", "leaders:", "leader:", "did you mean `leaders`?"),
    ("blocks", "BTCUSDT.close >", "SOLUSDT.close >", "add SOLUSDT to the card's `leaders`"),
    ("blocks", "BTCUSDT.close >", "btcusdt.close >", "did you mean `BTCUSDT.close`?"),
    ("blocks", "BTCUSDT.close >", "ETHUSDT.close >", "`ETHUSDT` is what the card trades; write `close`"),
    ("blocks", "BTCUSDT.close >", "BTCUSDT >", "`BTCUSDT` is a leader; write the name of its price"),
    ("blocks", "BTCUSDT.close >", "BTCUSDT.clos >", "did you mean `BTCUSDT.close`?"),
    ("blocks", "BTCUSDT.close >", "BTCUSDT.close > BTCUSDT.volume and", "`BTCUSDT.volume` a quantity"),
    (
        "blocks",
        "y: 1}",
        "y: 1}, order: {type: limit, price: {ref: BTCUSDT.close}}",
        "is a value of BTCUSDT, and the card",
    ),
    ("blocks", "y: 1}", "y: 1}, stop_loss: {price: average}", "`average` is a value of BTCUSDT, and the card trades"),
    ("features", "4, symbol: BTCUSDT", "4, symbol: SOLUSDT", "no leader `SOLUSDT`; its leaders are BTCUSDT"),
    ("features", "4, symbol: BTCUSDT", "4, symbol: ETHUSDT", "leave `symbol` away"),
    ("features", "ema, length: 4,", "ema, of: BTCUSDT.close, length: 4,", "beside `symbol: BTCUSDT` write `close`"),
    ("features", "length: 6", "length: 6, symbol: BTCUSDT", "`ratio` is of the card's own bars"),
    ("features", "length: 6", "length: 6, fresh: {bars: 1}", "`fresh` is for a slower timeframe or a leader"),
    ("features", "with: BTCUSDT.close", "with: average", "`close` may be of ETHUSDT or of BTCUSDT; add `symbol"),
    ("features", "of: close, with: BTCUSDT.close", "of: ratio, with: average", "sources on different bars"),
    ("features", "ratio: close", "BTCUSDT: close", "`BTCUSDT` is a symbol of the card"),
]


@pytest.mark.parametrize(("part", "old", "new", "said"), FAULTS)
def test_what_is_wrong_is_told_with_the_nearest_right_way(part: str, old: str, new: str, said: str) -> None:
    assert old in LED_PARTS[part]
    faults = faults_of(a_card_text(**(LED_PARTS | {part: LED_PARTS[part].replace(old, new)})))
    assert any(said in fault for fault in faults), faults


def test_a_leader_may_be_read_by_whatever_has_a_condition_or_a_number() -> None:
    for new in (
        "when: position.flat and BTCUSDT.close > 1\n    emit: {action: enter_long, size: {quantity: 1}}",
        "when: position.flat\n    emit: {action: enter_long, size: {expression: 1 + BTCUSDT.close / 100000}}",
        "when: position.flat\n    emit: {action: enter_long, size: {quantity: 1}, "
        "order: {type: limit, price: {ref: close}, expires: {when: BTCUSDT.close < 1}}}",
    ):
        blocks = f"blocks:\n- id: entry\n  cases:\n  - {new}"
        assert a_led_card(features="", blocks=blocks).leaders == ("BTCUSDT",), new


def test_a_hint_never_leads_to_another_market() -> None:
    blocks = LED_PARTS["blocks"].replace("BTCUSDT.close >", "BTCUSD.close >")
    (fault,) = faults_of(a_card_text(**(LED_PARTS | {"blocks": blocks})))
    assert "did you mean" not in fault


def test_the_digest_knows_leaders_and_only_where_there_are_any() -> None:
    other = {"leaders": "leaders: [SOLUSDT]"} | {
        key: LED_PARTS[key].replace("BTCUSDT", "SOLUSDT") for key in ("features", "blocks")
    }
    assert card_digest(CARD) != card_digest(a_led_card(**other))
    plain = a_card()
    assert "leaders" not in canonical_form(plain)
    assert canonical_form(CARD)["leaders"] == ["BTCUSDT"]
    two = ("leaders: [SOLUSDT, BTCUSDT]", "leaders: [BTCUSDT, SOLUSDT]")
    blocks = LED_PARTS["blocks"].replace("> slow", "> slow and SOLUSDT.close > 1")
    assert len({card_digest(a_led_card(leaders=text, blocks=blocks)) for text in two}) == 1, "their order says nothing"
