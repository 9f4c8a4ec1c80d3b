"""`why`: the account and the decisions are the run's, and what blocked an intent is named."""

from decimal import Decimal
from pathlib import Path

import attrs
import numpy as np
import pytest

from actors.app.cli import main
from actors.app.files.instruments import load_instrument
from actors.app.runs.run import CardRun, prepare
from actors.app.runs.simulation import Simulation
from actors.app.runs.synthetic import csv_of, synthetic_bars
from actors.app.settings import load_settings
from actors.app.tools.why import CardMoment, moment_of
from actors.app.tools.why_text import lines_of
from actors.strategy.messages import Decided
from ideacards.cards import shipped_cards
from ideacards.loader import load_card
from tests.ideacards.builders import a_card, a_card_text

BARS = synthetic_bars(7, 1_200)
INSTRUMENT = load_instrument("BTCUSDT", BARS.price_digits)
SETTINGS = load_settings()
ACCOUNT = "account: {equity: 1000000}"


def blocks(*cases: str) -> str:
    """A block for each `condition => emit`."""
    texts = []
    for number, case in enumerate(cases):
        when, emit = case.split(" => ")
        texts.append(f"- id: b{number}\n  cases:\n  - when: {when}\n    emit: {{{emit}}}")
    return "blocks:\n" + "\n".join(texts)


def moment(*cases: str, index: int = 400) -> CardMoment:
    card = a_card(account=ACCOUNT, blocks=blocks(*cases))
    return moment_of(CardRun(card, BARS, INSTRUMENT), SETTINGS, index)


def lines(*cases: str, index: int = 400) -> list[str]:
    return list(lines_of(moment(*cases, index=index)))


@pytest.mark.parametrize("path", shipped_cards(), ids=lambda path: path.stem)
def test_it_decides_what_the_run_decides(path: Path) -> None:
    card = load_card(path)
    step = card.timeframes.exec.ms
    opens = BARS.ts_open[0] + step * np.arange(len(BARS))
    bars = attrs.evolve(BARS, timeframe_ms=step, ts_open=opens, ts_close=opens + step)
    run = CardRun(card, bars, INSTRUMENT, leaders=dict.fromkeys(card.leaders, bars))
    ready = prepare((run,), SETTINGS)
    kernel = Simulation(SETTINGS, ready.market, ready.plans).run()
    decided: dict[int, list[Decided]] = {}
    for record in kernel.recorder.stream:
        if isinstance(record.message, Decided):
            decided.setdefault(record.message.intent.bar_close_ms, []).append(record.message)
    first = ready.executors[0].first_index
    places = [place for place in (0, first - 1, first, 900, len(BARS) - 1) if place < len(BARS)]
    closes = list(decided)[:6] + bars.ts_close[places].tolist()
    for close in closes:
        index = bars.ts_close.tolist().index(close)
        found = moment_of(run, SETTINGS, index)
        told = decided.get(close, [])
        assert found.intents == tuple(each.intent for each in told)
        for each in told:
            held = each.facts.position.qty
            assert found.view.qty_sign == (held > 0) - (held < 0)
            assert Decimal(repr(found.view.size)) == Decimal(INSTRUMENT.qty_text(held))
        emitting = [each.id for each in found.blocks if each.emit is not None]
        if index >= found.ready_from:
            of_cases = [each for each in found.intents if not each.metadata.reason]
            assert emitting == [each.block_id for each in of_cases]
        assert len(list(lines_of(found))) > len(found.blocks)


def test_a_resting_entry_is_named_as_what_blocks() -> None:
    limit = "action: enter_long, size: {notional: 1000}, order: {type: limit, price: {ref: close, offset_percent: -9}}"
    found = lines(f"close > 0 => {limit}")
    refusal = next(line for line in found if line.startswith("intent"))
    assert refusal.startswith("intent enter_long of block b0: refused, ENTRY_IN_FLIGHT: ")
    blocked = found[found.index(refusal) + 1]
    assert blocked.startswith("  blocked by the order of block b0: limit buy of 0.0")
    assert "decided " in blocked
    assert "working" in blocked
    assert found[1].startswith("account: no position, an entry in flight; equity 1000000")


def test_a_position_is_named_as_what_blocks() -> None:
    found = lines("close > 0 => action: enter_long, size: {notional: 1000}")
    refusal = next(line for line in found if line.startswith("intent"))
    assert "refused, POSITION_OPEN" in refusal
    assert found[-1].startswith("  blocked by the position: long 0.0")


def test_an_earlier_block_of_the_same_bar_blocks_a_later_one() -> None:
    enter = "action: enter_long, size: {notional: 1000}"
    found = lines(f"position.flat => {enter}", f"position.flat => {enter}", "position.long => action: exit", index=3)
    assert found[-3].startswith("intent enter_long of block b0: market buy of 0.0")
    assert found[-3].endswith("filled")
    assert "intent enter_long of block b1: refused, ENTRY_IN_FLIGHT" in found[-2]
    assert found[-1] == "  blocked by the intent of block b0 at the same bar, which comes first in the card"


def test_the_cases_after_the_one_that_holds_are_not_tried() -> None:
    text = blocks("close > 0 => action: none") + "\n  - when: close < 0\n    emit: {action: exit}"
    card = a_card(account=ACCOUNT, blocks=text)
    found = list(lines_of(moment_of(CardRun(card, BARS, INSTRUMENT), SETTINGS, 400)))
    assert found[2:] == [
        "block b0",
        "  case 0: holds",
        f"    [holds] close > 0: {BARS.close[400]:.10g} > 0",
        "  case 0 emits nothing (action: none)",
        "  1 later case not tried",
        "no intent",
    ]


def test_a_bar_before_the_card_is_ready_says_so() -> None:
    found = lines("fast > slow => action: exit", index=1)
    assert found[2].startswith("the card does not decide yet: it is ready at bar 3, which closes ")
    assert found[4] == "  case 0: unknown"
    assert found[5].endswith("unknown: slow")


def test_at_the_last_bar_nothing_acts() -> None:
    found = lines("position.flat => action: enter_long, size: {notional: 1000}", index=len(BARS) - 1)
    assert "POSITION_OPEN" not in found[-1]
    found = lines("close > 0 and position.flat => action: enter_long, size: {notional: 1}", index=len(BARS) - 1)
    assert "refused, BELOW_MINIMUM" in found[-1]


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    (tmp_path / "bars.csv").write_text(csv_of(BARS), encoding="utf-8")
    text = a_card_text(account=ACCOUNT, blocks=blocks("position.flat => action: enter_long, size: {quantity: 0.5}"))
    (tmp_path / "card.yaml").write_text(text, "utf-8")
    return [str(tmp_path / "card.yaml"), "--bars", str(tmp_path / "bars.csv")]


def test_the_command_takes_a_time_and_the_options_of_a_back_test(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    at = int(BARS.ts_close[50])
    assert main(["why", *files, "--at", str(at + 59_999)]) == 0
    assert capsys.readouterr().out.startswith("probe at the close of bar 50, which opens ")
    assert main(["why", *files, "--at", str(at), "--from", str(at - 60_000), "--latency", "20"]) == 0
    assert "intent enter_long of block b0: market buy of 0.5" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--at", "noon"], "--at: noon: is no moment"),
        (["--at", str(int(BARS.ts_open[0]))], "is before the first bar's close"),
        (["--at", str(int(BARS.ts_close[-1]) + 60_000)], "is after the last bar"),
        (["--at", str(int(BARS.ts_close[5])), "--from", str(int(BARS.ts_open[9]))], "is before --from"),
    ],
)
def test_a_time_of_no_bar_is_the_users_error(
    files: list[str], capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert main(["why", *files, *words]) == 2
    assert said in capsys.readouterr().err


LIMIT = "position.flat => action: enter_long, size: {quantity: 1}, order: {type: limit, "
RESTS = LIMIT + "price: {ref: close, offset_percent: -50}}"


def test_an_order_of_another_block_that_an_intent_changes_is_told() -> None:
    told = lines(RESTS, "close > 0 => action: replace, price: {ref: close, offset_percent: -40}")
    (line,) = [line for line in told if line.startswith("intent replace of block b1: ")]
    assert "limit buy of 1" in line
    assert line.endswith(": working")
    told = lines(RESTS, "close > 0 => action: cancel")
    assert any(line.startswith("intent withdraw of block b1: limit buy of 1") for line in told), told


def test_an_intent_without_an_entry_to_replace_says_so() -> None:
    told = lines("close > 0 => action: replace, size: {quantity: 2}")
    assert any("refused, NO_ENTRY: no entry of the card rests" in line for line in told), told


def test_an_intent_that_moves_levels_says_that_no_order_changes() -> None:
    told = lines(
        "position.flat => action: enter_long, size: {quantity: 1}",
        "position.long => action: trail, trail: {percent: 20}",
    )
    assert "intent trail of block b1: it moves levels of the position, and no order" in told


def test_a_ladder_is_told_with_all_its_orders() -> None:
    rungs = "[{weight: 3, price: {ref: close, offset_percent: -40}}, {price: {ref: close, offset_percent: -50}}]"
    told = [line for index in range(12) for line in lines(f"{LIMIT}ladder: {rungs}}}", index=index)]
    (line,) = [line for line in told if line.startswith("intent enter_long ")]
    assert line.count("limit buy of") == 2
