"""`explain`: the sentences follow from the card, and nothing that it says is left out."""

from pathlib import Path

import pytest

from actors.app.cli import main
from actors.app.tools.emitted import emit_text
from actors.app.tools.explaining import explanation_of
from ideacards.card import Emit
from ideacards.cards import shipped_cards
from ideacards.intents import Action, IntentMetadata
from ideacards.loader import load_card
from tests.ideacards.builders import a_card

FULL = {
    "timeframes": "timeframes: {exec: 1m, htf: 1h, calm: 15m}",
    "warmup": "warmup: 500",
    "parameters": "parameters: {n: {default: 4, min: 2, max: 9}}",
    "features": """features:
  fast: {use: ema, length: n}
  slow: {use: sma, length: 3, timeframe: calm, fresh: {bars: 20}}
  spread: fast - close""",
    "blocks": """blocks:
- id: entry
  cases:
  - when: position.flat and rising(fast, 3) and close > slow
    emit: {action: enter_long, size: {equity_percent: 10}, stop_loss: {percent: 1},
           order: {type: limit, price: {ref: slow, offset_ticks: -3}}}
  - when: position.long and close < fast[2]
    emit: {action: exit, fraction: 0.5}
  else: {emit: {action: enter_short, size: {notional: 500}, add: true,
                order: {type: stop, price: {ref: close, offset_percent: -1.5}}}}""",
}


def lines(**parts: str) -> list[str]:
    return [line.strip() for line in explanation_of(a_card(**(FULL | parts)))]


def test_it_tells_what_the_card_does() -> None:
    told = lines()
    place = told.index("What it does, at the close of each bar, in this order:") + 1
    assert told[place : place + 6] == [
        "block entry: when position.flat and rising(fast, 3) and close > slow",
        "enter long, worth 10 % of the equity at the deciding close, by a limit order at slow - 3 ticks, "
        "stop_loss 1 % from the entry fill's price, not while a position is open",
        "block entry: else when position.long and close < fast[2]",
        "exit, 50 % of the position, at market at the next open",
        "block entry: otherwise",
        "enter short, worth 500 in quote coin at the deciding close, by a stop order at the deciding close - 1.5 %, "
        "also into an open position of the same side",
    ]


def test_a_trailing_stop_of_a_case_is_told() -> None:
    told = lines(
        blocks="""blocks:
- id: manage
  cases:
  - {when: position.long, emit: {action: trail, trail: {percent: 1, activation: {ticks: 40}}}}"""
    )
    assert (
        "set the position's trailing stop, trail: (distance 1 % from the average entry price, "
        "activation 40 ticks from the average entry price)" in told
    )
    assert "at the venue: the trailing stop of the position, from the decision on" in told


def test_the_condition_until_which_an_entry_rests_is_told() -> None:
    told = lines(
        blocks="""blocks:
- id: entry
  cases:
  - when: close > slow
    emit: {action: enter_long, size: {quantity: 1},
           order: {type: limit, price: {ref: slow}, expires: {when: 'close < fast[2]'}}}"""
    )
    assert any("taken back at the first close with close < fast[2]" in line for line in told)
    assert "at the venue: the entry as a limit order, until it fills or it expires" in told
    assert "fast[2] is the value 2 bars ago, counted in bars of exec" in told


def test_a_replacement_is_told() -> None:
    told = lines(
        blocks="""blocks:
- id: manage
  cases:
  - {when: close > slow, emit: {action: replace, price: {ref: slow, offset_ticks: -3}, size: {quantity: 2}}}"""
    )
    assert "amend the resting entry, of 2 in base coin, to slow - 3 ticks" in told


def test_a_ladder_is_told_rung_by_rung() -> None:
    rungs = "[{weight: 3, price: {ref: slow, offset_ticks: -3}}, {price: {ref: close, offset_percent: -1}}]"
    emit = f"{{action: enter_long, size: {{quantity: 1}}, order: {{type: limit, ladder: {rungs}}}}}"
    told = lines(blocks=f"blocks:\n- id: entry\n  cases:\n  - {{when: close > slow, emit: {emit}}}")
    words = "by a ladder of 2 limit orders: 3/4 of it at slow - 3 ticks, 1/4 of it at the deciding close - 1 %"
    assert any(words in line for line in told), told
    assert "at the venue: the entry as 2 limit orders, until it fills or the run ends" in told
    assert "when the position of a ladder has ended, what still rests of the ladder is cancelled" in told


def test_it_tells_what_the_card_needs() -> None:
    told = lines()
    place = told.index("What it needs:") + 1
    assert told[place : place + 7] == [
        "history: at most 501 bars of 1m (8:21:00) up to its first decision; "
        "`warmup: 500` asks for more than the features do",
        "timeframe htf: bars of 1h, made of the bars of 1m",
        "timeframe calm: bars of 15m, made of the bars of 1m",
        "parameter n: 4, at least 2, at most 9",
        "feature fast: ema of close on exec (1m), length 4, seed first; its first value comes with bar 4 of its source"
        ", and depends on where the bars begin",
        "feature slow: sma of close on calm (15m), length 3; its first value comes with bar 3 of its source",
        "feature spread: fast - close on exec (1m)",
    ]


def test_it_tells_when_things_are_known_and_where_orders_rest() -> None:
    told = lines()
    for line in (
        "htf: nothing: new values come when a bar of 1h closes, and hold until the next does",
        "calm: slow: new values come when a bar of 15m closes, and hold until the next does",
        "slow counts as unknown once its bar closed more than 20 bars ago",
        "rising(fast, 3) looks at the last 3 bars",
        "fast[2] is the value 2 bars ago, counted in bars of exec",
        "at the venue: the entry as a limit order, until it fills or the run ends",
        "at the venue: stop_loss of the position from the entry's fill on, triggered by the last price",
        "at the venue: the entry as a conditional order, which the last price triggers, until it fills or the run ends",
        "no stop_loss: the position of enter_short is protected by the card's exits alone",
        "orders at market do not rest: they act at the next open",
    ):
        assert line in told, line


@pytest.mark.parametrize(
    ("when", "said"),
    [
        (
            "drawdown > 5 or close > fast",
            "drawdown: may change at every bar, so a back-test asks the card",
        ),
        ("position.bars_in_trade > 5", "what it reads of the account changes with fills alone"),
        ("time.hour > 5", "times and sessions are those of the bar's close"),
        ("bars_since(close > fast) > 5", "bars_since(close > fast) looks back as far as the bars go"),
    ],
)
def test_it_tells_what_a_condition_costs_and_reads(when: str, said: str) -> None:
    block = f"blocks:\n- id: e\n  cases:\n  - when: {when}\n    emit: {{action: exit}}"
    assert any(line.startswith(said) for line in lines(blocks=block))


def test_a_card_that_emits_nothing_says_so() -> None:
    told = lines(blocks="blocks:\n- id: e\n  cases:\n  - when: close > 1\n    emit: {action: none}")
    assert "No case emits anything: the card never trades." in told
    assert told[-1] == "nothing"


def test_a_field_without_a_sentence_of_its_own_is_told_by_name() -> None:
    """Whatever is added to an intent's metadata shows, as its name and value."""

    class Later(IntentMetadata, frozen=True):
        hold: int = 0

    assert emit_text(Emit(Action.EXIT, Later(hold=3))).endswith(", hold: 3")
    assert "hold" not in emit_text(Emit(Action.EXIT, Later()))


@pytest.mark.parametrize("path", shipped_cards(), ids=lambda path: path.stem)
def test_every_shipped_card_is_told(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", str(path)]) == 0
    out = capsys.readouterr().out
    card = load_card(path)
    assert out.startswith(f"{card.id}: {card.thesis}\n")
    assert all(f"feature {feature.name}: " in out for feature in card.features)
    assert all(f"block {block.id}: when " in out for block in card.blocks)


def test_a_set_parameter_shows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = shipped_cards()[0]
    name = next(feature.name for feature in load_card(path).features if "length" in feature.params)
    assert main(["explain", str(path), "--set", f"features.{name}.length=77"]) == 0
    assert "length 77" in capsys.readouterr().out


def test_sizes_exits_and_resting_orders_are_told_in_words() -> None:
    block = """blocks:
- id: entry
  cases:
  - when: position.flat
    emit:
      action: enter_long
      size: {risk: {percent: 1}}
      order: {type: limit, price: {ref: fast}, post_only: true, expires: {bars: 9}, follow: {ticks: 5}}
      stop_loss: {atr: {feature: slow, multiple: 2}}
      targets: [{percent: 1, fraction: 0.5}, {percent: 2, fraction: 0.5}]
      time_stop: {bars: 30}"""
    told = lines(blocks=block)
    emitted = told[told.index("block entry: when position.flat") + 1]
    for part in (
        "enter long, as much as loses 1 % of the equity at the stop loss, by a limit order at fast",
        "post_only: true, expires: (bars 9), follow: (ticks 5)",
        "stop_loss 2 * slow from the entry fill's price",
        "targets: (level 1 % from the entry fill's price, fraction 0.5) then (level 2 % from the entry",
        "time_stop: 30",
    ):
        assert part in emitted
    assert "at the venue: the entry as a limit order, until it fills or it expires" in told
    assert "at the venue: the targets as limit orders, from the entry's fill on" in told
    assert any(line.startswith("watched here, at each close: the exits that ") for line in told)
