"""Several cards in one account, each on its own symbol: one affects another through the wallet alone."""

from decimal import Decimal
from typing import Any

import attrs
import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.app import names
from actors.app.results.tape import RunTape
from actors.app.runs.run import CardRun, run_cards
from actors.app.settings import IntervalSettings, LatencySettings, Settings, load_settings
from actors.model.fixed import Price
from ideacards.card import Card
from ideacards.feeds import Bars
from ideacards.loader import read_card
from runtime.kernel.cell import Cell
from runtime.messages import Ref
from tests.actors.builders import a_market, an_instrument
from tests.scenarios.trees import has_been_up

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
CARD = """id: {id}
thesis: In above the last close, out below it, with a stop.
market: {{venue: bybit, category: linear, symbol: {symbol}}}
timeframes: {{exec: {exec}}}
account: {{equity: {equity}, leverage: {leverage}}}
blocks:
  - id: entry
    cases:
      - when: position.flat and close > close[1]{and_}
        emit: {{action: enter_long, size: {size}, stop_loss: {{percent: 0.4}}, take_profit: {{percent: 1.5}}}}
  - id: out
    cases:
      - when: position.long and close < close[1]
        emit: {{action: exit}}
"""
BARS = 120


def a_card(symbol: str, size: str = "{quantity: 1}", and_: str = "", **changes: Any) -> Card:
    facts = {"exec": "1m", "equity": 100_000, "leverage": 1} | changes
    text = CARD.format(id=f"card_{symbol.lower()}", symbol=symbol, size=size, and_=and_, **facts)
    return read_card(text, "card.yaml")


def a_run(symbol: str, seed: int, *, bars: int = BARS, minutes: int = 1, start_ms: int = 0, **card: Any) -> CardRun:
    rng = np.random.default_rng(seed)
    closes = (1000 + 10 * np.cumsum(rng.choice([-0.6, -0.3, -0.1, 0.1, 0.3, 0.6], size=bars))).round() / 10
    before = np.concatenate([[100.0], closes[:-1]])
    rows = np.column_stack([before, np.maximum(before, closes) + 0.1, np.minimum(before, closes) - 0.1, closes])
    columns = a_market(rows.round(1).tolist(), start_ms, minutes * 60_000)
    instrument = an_instrument(symbol=symbol, tick=Price(10))
    return CardRun(a_card(symbol, **{"exec": f"{minutes}m"} | card), attrs.evolve(columns, symbol=symbol), instrument)


def chosen(feed: int = 0, entry: int = 0, response: int = 0, *, every_bar: bool = False) -> Settings:
    latency = LatencySettings(str(feed), str(entry), str(response))
    return attrs.evolve(load_settings("simulator"), latency=latency, every_bar=every_bar)


def facts(tape: RunTape) -> tuple[object, ...]:
    fills = [msgspec.structs.replace(one.fill, order_id="", exec_id="") for one in tape.fills.raw]  # type: ignore[attr-defined]
    return fills, tape.refusals, [(row.status, row.price, row.qty) for row in tape.orders]


DELAYS = st.tuples(*[st.sampled_from([0, 1, 20, 21])] * 3)


@pytest.mark.slow
@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10**6), DELAYS, st.integers(2, 3))
def test_with_money_enough_each_card_trades_as_it_does_alone(
    seed: int, delays: tuple[int, int, int], count: int
) -> None:
    runs = [a_run(symbol, seed + number) for number, symbol in enumerate(SYMBOLS[:count])]
    together = run_cards(runs, chosen(*delays))
    for run, tape in zip(runs, together, strict=True):
        (alone,) = run_cards([run], chosen(*delays))
        assert facts(tape) == facts(alone)
        assert len(tape.fills) > 4


@pytest.mark.slow
@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10**6), DELAYS, st.sampled_from(["{equity_percent: 20}", "{quantity: 1}"]), st.booleans())
def test_a_wake_set_gives_the_run_of_every_bar(
    seed: int, delays: tuple[int, int, int], size: str, reads_equity: bool
) -> None:
    """With latency, and with conditions that hang on what the other card holds."""
    and_ = " and equity > 99900" if reads_equity else ""
    runs = [a_run(symbol, seed + number, size=size, and_=and_) for number, symbol in enumerate(SYMBOLS[:2])]
    woken, every = (run_cards(runs, chosen(*delays, every_bar=every_bar)) for every_bar in (False, True))
    assert [tape.output_digest for tape in woken] == [tape.output_digest for tape in every]
    assert [facts(tape) for tape in woken] == [facts(tape) for tape in every]


def test_timeframes_starts_and_ends_may_differ() -> None:
    runs = [a_run("BTCUSDT", 1), a_run("ETHUSDT", 2, bars=20, minutes=5, start_ms=30 * 60_000)]
    tapes = run_cards(runs, chosen())
    for run, tape in zip(runs, tapes, strict=True):
        (alone,) = run_cards([run], chosen())
        assert facts(tape) == facts(alone)


def test_a_size_in_percent_is_of_the_whole_account_with_what_the_other_card_holds() -> None:
    """The first card buys at the open of bar 2 and holds; the second sizes at the close of bar 4, by the marks then."""

    def rows(closes: list[float]) -> Bars:
        opens = [closes[0], *closes[:-1]]
        return a_market([(o, max(o, c), min(o, c), c) for o, c in zip(opens, closes, strict=True)])

    first = attrs.evolve(
        a_run("BTCUSDT", 0, size="{quantity: 100}"), bars=rows([100, 100.5, 100.6, 100.7, 100.8, 100.9])
    )
    later = attrs.evolve(rows([100, 100, 100, 100, 100.2, 100.2]), symbol="ETHUSDT")
    second = attrs.evolve(a_run("ETHUSDT", 0, size="{equity_percent: 50}"), bars=later)
    one, two = run_cards([first, second], chosen())
    (bought,), (sized,) = one.fills, two.fills
    assert (bought.bar, sized.bar) == (2, 5)
    assert bought.price == Decimal("100.5")
    wallet = Decimal(100_000) - bought.fee
    equity = wallet + (Decimal("100.8") - bought.price) * 100
    assert sized.qty == (equity / 2 / Decimal("100.2")).quantize(Decimal("0.001"), "ROUND_DOWN")


def test_margin_is_shared() -> None:
    """Each could pay for its own entry alone; together they cannot."""
    runs = [a_run(symbol, 7, size="{quantity: 450}", equity=70_000) for symbol in SYMBOLS[:2]]
    tapes = run_cards(runs, chosen())
    codes = [row.code for tape in tapes for row in tape.refusals]
    assert "INSUFFICIENT_MARGIN" in codes
    for run in runs:
        (alone,) = run_cards([run], chosen())
        assert "INSUFFICIENT_MARGIN" not in [row.code for row in alone.refusals]


KILLED = (names.ORDERS, names.PROTECTION, names.RECONCILER, names.PRIVATE_SOCKET, names.MARKETDATA)


class Killer:
    """Kills one actor at its `number`-th message."""

    def __init__(self, ref: Ref, number: int) -> None:
        self._ref, self._left = ref, number

    def __call__(self, cell: Cell, message: object) -> bool:
        if cell.ref != self._ref or not has_been_up(cell):
            return False
        self._left -= 1
        return self._left == 0


@pytest.mark.slow
@pytest.mark.parametrize("number", range(1, 160, 13))
@pytest.mark.parametrize(
    "ref", [names.ORDERS, names.PROTECTION, names.RECONCILER, names.PRIVATE_SOCKET, names.MARKETDATA]
)
def test_a_kill_leaves_each_symbol_with_one_position_and_no_second_entry(ref: Ref, number: int) -> None:
    runs = [a_run(symbol, 3 + index, bars=60) for index, symbol in enumerate(SYMBOLS[:2])]
    often = attrs.evolve(chosen(20, 20, 21), intervals=IntervalSettings(420, 420))
    for tape in run_cards(runs, often, fault=Killer(ref, number)):
        net = Decimal(0)
        for fill in tape.fills:
            net += fill.qty if fill.side == "buy" else -fill.qty
            assert 0 <= net <= 1
