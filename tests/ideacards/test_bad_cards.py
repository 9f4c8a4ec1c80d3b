"""Bad cards: every fault is one line with its place, what is wrong, and a hint; all faults of a card come at once."""

import os
import re
from pathlib import Path

import attrs
import pytest

from ideacards.errors import CardError
from ideacards.loader import load_card
from tests.ideacards.builders import a_card_text, faults_of

LINE = re.compile(r"probe\.yaml:(\d+):(\d+): (?:([^ :]+): )?(.+); (.+)")


@attrs.frozen
class Fault:
    """`parts` of the card replaced; the one problem is at the text `at`, under `path`, and its line has all `words`."""

    at: str
    path: str
    words: tuple[str, ...]
    parts: dict[str, str]


def fault(at: str, path: str, *words: str, **parts: str) -> Fault:
    return Fault(at, path, words, parts)


def emit(text: str) -> str:
    return f"blocks:\n- id: entry\n  cases:\n  - when: fast > slow\n    emit: {text}"


def features(text: str) -> str:
    return "features:\n  fast: {use: ema, length: 2}\n  slow: {use: ema, length: 4}\n  " + text


def when(text: str) -> str:
    return f"blocks:\n- id: e\n  cases:\n  - when:{text}\n    emit: {{action: none}}"


def price(text: str) -> str:
    return emit(f"{{action: exit, order: {{type: limit, price: {{{text}}}}}}}")


def bought(text: str) -> str:
    return emit(f"{{action: enter_long, size: {{quantity: 1}}, {text}}}")


WHEN = "blocks.e.cases.0.when"
EMIT = "blocks.entry.cases.0.emit"
FAULTS = {
    # keys
    "an unknown key": fault("thesys", "thesys", "unknown key", "`thesis`", x="thesys: x"),
    "a key of nowhere": fault("q:", "q", "unknown key `q`", "known: id, market", x="q: x"),
    "an unknown key of a feature": fault(
        "lenght", "features.slo.lenght", "`length`", features=features("slo: {use: rsi, length: 2, lenght: 3}")
    ),
    "a parameter of another indicator": fault(
        "slow: 3", "features.r.slow", "unknown key", "length", features=features("r: {use: rsi, length: 2, slow: 3}")
    ),
    "a source for atr": fault(
        "of", "features.a.of", "unknown key", features=features("a: {use: atr, of: close, length: 2}")
    ),
    "an unknown key of an emit": fault("sizes", f"{EMIT}.sizes", "`size`", blocks=emit("{action: none, sizes: 1}")),
    "no market": fault("id: probe", "", "`market` is missing", market=""),
    "no blocks": fault("id: probe", "", "`blocks` is missing", blocks=""),
    "no length": fault("{use: rsi}", "features.r", "`length` is missing", features=features("r: {use: rsi}")),
    "no use": fault("{of: close}", "features.r", "`use` is missing", "ema", features=features("r: {of: close}")),
    "no cases": fault("id: e", "blocks.e", "`cases` is missing", blocks="blocks:\n- id: e"),
    "no condition": fault(
        "emit", "blocks.e.cases.0", "`when` is missing", blocks="blocks:\n- id: e\n  cases:\n  - emit: {action: none}"
    ),
    # kinds of values
    "blocks that are none": fault("[]", "blocks", "at least one block", blocks="blocks: []"),
    "a text for a list": fault(
        "entry", "blocks", "expected a list of blocks, found the text `entry`", blocks="blocks: entry"
    ),
    "a mapping for a list": fault("a: 1", "blocks", "expected a list of blocks", blocks="blocks:\n  a: 1"),
    "nothing for a mapping": fault("", "account", "found nothing", account="account:"),
    "a list for a mapping": fault("[1]", "market", "found a list", market="market: [1]"),
    "a feature that is a word": fault("ema", "features.x", "found the text `ema`", features=features("x: ema")),
    "a quoted number": fault(
        '"12"', "features.x.length", "the text `12`", "without quotes", features=features('x: {use: rsi, length: "12"}')
    ),
    "a grouped number": fault(
        "1_000", "account.equity", "without quotes and separators", account="account: {equity: 1_000}"
    ),
    "a fraction for a count": fault(
        "2.5", "features.x.length", "whole number", features=features("x: {use: rsi, length: 2.5}")
    ),
    "a truth for a count": fault(
        "true", "features.x.length", "found true", features=features("x: {use: rsi, length: true}")
    ),
    "a number for a name": fault("12", "id", "in quotes", id="id: 12"),
    "a word for a truth": fault("yes", f"{EMIT}.add", "true or false", blocks=bought("add: yes")),
    "infinity": fault(".inf", "account.equity", "expected a number", account="account: {equity: .inf}"),
    "too many digits": fault("1e30", "account.equity", "too many digits", account="account: {equity: 1e30}"),
    "far too many digits": fault(
        "1e99999999999", "account.equity", "too many digits", account="account: {equity: 1e99999999999}"
    ),
    "a name with a blank": fault("my card", "id", "expected a name", id="id: my card"),
    # ranges
    "a length of zero": fault("0", "features.x.length", "at least 1", features=features("x: {use: rsi, length: 0}")),
    "a multiplier of zero": fault(
        "0}", "features.x.multiplier", "above 0", features=features("x: {use: bbands, length: 2, multiplier: 0}")
    ),
    "a negative warm-up": fault("-1", "warmup", "at least 0", warmup="warmup: -1"),
    "no equity": fault("0", "account.equity", "above 0", account="account: {equity: 0}"),
    "a leverage below one": fault(
        "0.5", "account.leverage", "at least 1", account="account: {equity: 1, leverage: 0.5}"
    ),
    "a negative size": fault(
        "-1", f"{EMIT}.size.notional", "above 0", blocks=emit("{action: enter_long, size: {notional: -1}}")
    ),
    "a size of zero": fault(
        "0.0", f"{EMIT}.size.quantity", "above 0", blocks=emit("{action: enter_long, size: {quantity: 0.0}}")
    ),
    "more than all of the position": fault(
        "1.5", f"{EMIT}.fraction", "at most 1", blocks=emit("{action: exit, fraction: 1.5}")
    ),
    "a long's stop at nothing": fault(
        "{percent: 100}", f"{EMIT}.stop_loss", "is no price", blocks=bought("stop_loss: {percent: 100}")
    ),
    "a short's target below nothing": fault(
        "{percent: 120}",
        f"{EMIT}.take_profit",
        "is no price",
        blocks=emit("{action: enter_short, size: {quantity: 1}, take_profit: {percent: 120}}"),
    ),
    "a stop on the wrong side": fault(
        "-1", f"{EMIT}.stop_loss.percent", "above 0", blocks=bought("stop_loss: {percent: -1}")
    ),
    # closed sets
    "an unknown indicator": fault(
        "emma", "features.x.use", "unknown use `emma`", "`ema`", features=features("x: {use: emma, length: 2}")
    ),
    "an unknown action": fault("enter_lon", f"{EMIT}.action", "`enter_long`", blocks=emit("{action: enter_lon}")),
    "an unknown venue": fault(
        "binance",
        "market.venue",
        "unknown venue",
        "bybit",
        market="market: {venue: binance, category: linear, symbol: BTCUSDT}",
    ),
    "an unknown seed": fault(
        "last", "features.x.seed", "first, sma", features=features("x: {use: ema, length: 2, seed: last}")
    ),
    "a timeframe that is none": fault(
        "1x", "timeframes.exec", "`1x` is no timeframe", timeframes="timeframes: {exec: 1x}"
    ),
    "two weeks": fault("2w", "timeframes.exec", "`2w` is no timeframe", timeframes="timeframes: {exec: 2w}"),
    # features among themselves
    "an unknown source": fault(
        "closse",
        "features.x.of",
        "undefined name",
        "`close`",
        features=features("x: {use: rsi, of: closse, length: 2}"),
    ),
    "a source with several outputs": fault(
        "b,",
        "features.x.of",
        "write b.upper or b.middle or b.lower",
        features=features("b: {use: bbands, length: 2}\n  x: {use: rsi, of: b, length: 2}"),
    ),
    "an output that is none": fault(
        "b.uper",
        "features.x.of",
        "no output `uper`",
        "b.upper",
        features=features("b: {use: bbands, length: 2}\n  x: {use: rsi, of: b.uper, length: 2}"),
    ),
    "a feature of itself": fault(
        "x, l", "features.x.of", "x -> x", features=features("x: {use: rsi, of: x, length: 2}")
    ),
    "a cycle": fault(
        "y, l",
        "features.x.of",
        "x -> y -> x",
        features=features(
            "x: {use: rsi, of: y, length: 2}\n  y: {use: rsi, of: x, length: 2}\n  z: {use: rsi, of: y, length: 2}"
        ),
    ),
    "a timeframe that the card has not": fault(
        "htf",
        "features.x.timeframe",
        "no timeframe `htf`",
        features=features("x: {use: rsi, length: 2, timeframe: htf}"),
    ),
    "a source on another timeframe": fault(
        "htf",
        "features.x.timeframe",
        "cannot be on htf",
        features=features("x: {use: rsi, of: fast, length: 2, timeframe: htf}"),
        timeframes="timeframes: {exec: 1m, htf: 1h}",
    ),
    "a feature named like a word of the grammar": fault(
        "equity: {u", "features.equity", "word of the grammar", features=features("equity: {use: rsi, length: 2}")
    ),
    "a feature named like a word of Python": fault(
        "is: {u", "features.is", "word of the grammar", features=features("is: {use: rsi, length: 2}")
    ),
    "a feature name with a dash": fault(
        "a-b", "features.a-b", "not a feature name", features=features("a-b: {use: rsi, length: 2}")
    ),
    "averages the wrong way round": fault(
        "{use: macd", "features.m", "must be shorter", features=features("m: {use: macd, fast: 9, slow: 9}")
    ),
    "a slower timeframe that does not fit": fault(
        "90m", "timeframes.htf", "no multiple of exec, 1h", timeframes="timeframes: {exec: 1h, htf: 90m}"
    ),
    "a slower timeframe that is not slower": fault(
        "1m}", "timeframes.htf", "no multiple", timeframes="timeframes: {exec: 1m, htf: 1m}"
    ),
    # emits
    "no size": fault("{action", EMIT, "`size` is missing", "notional", blocks=emit("{action: enter_long}")),
    "two units of size": fault(
        "{notional",
        f"{EMIT}.size",
        "notional and quantity",
        blocks=emit("{action: enter_long, size: {notional: 1, quantity: 1}}"),
    ),
    "a size without unit": fault("{}", f"{EMIT}.size", "no unit", blocks=emit("{action: enter_long, size: {}}")),
    "an exit with a size": fault(
        "size",
        f"{EMIT}.size",
        "does not go with `exit`",
        "order, fraction",
        blocks=emit("{action: exit, size: {quantity: 1}}"),
    ),
    "an entry with a fraction": fault(
        "fraction", f"{EMIT}.fraction", "does not go with `enter_long`", blocks=bought("fraction: 1")
    ),
    "an action of nothing": fault(
        "fraction", f"{EMIT}.fraction", "takes nothing", blocks=emit("{action: none, fraction: 1}")
    ),
    "a market order with a price": fault(
        "{ref", f"{EMIT}.order.price", "no price", blocks=emit("{action: exit, order: {price: {ref: close}}}")
    ),
    "a limit order without a price": fault(
        "{type", f"{EMIT}.order", "`price` is missing", blocks=emit("{action: exit, order: {type: limit}}")
    ),
    "two offsets": fault(
        "{ref", f"{EMIT}.order.price", "two offsets", blocks=price("ref: close, offset_ticks: 1, offset_percent: 1")
    ),
    "a price of an unknown feature": fault("fasst", f"{EMIT}.order.price.ref", "`fast`", blocks=price("ref: fasst")),
    "a price of the volume": fault(
        "volume", f"{EMIT}.order.price.ref", "no price to refer to", blocks=price("ref: volume")
    ),
    "an entry at the entry price": fault(
        "entry}",
        f"{EMIT}.order.price.ref",
        "unknown while flat",
        blocks=bought("order: {type: limit, price: {ref: entry}}"),
    ),
    # blocks and conditions
    "a block id twice": fault(
        "entry #2",
        "blocks.entry.id",
        "stands twice",
        blocks=emit("{action: exit}") + "\n- id: entry #2\n  cases: [{when: 'true', emit: {action: exit}}]",
    ),
    "an else without emit": fault(
        "{}", "blocks.entry.else", "`emit` is missing", blocks=emit("{action: exit}") + "\n  else: {}"
    ),
    "a condition of nothing": fault("", WHEN, "an empty condition", blocks=when("")),
    "a bare list of conditions": fault("[fast", WHEN, "write a text, or all:", blocks=when(" [fast > slow]")),
    "an unknown group": fault("al:", WHEN, "`all`", blocks=when(" {al: [fast > slow]}")),
    "two groups in one": fault("{all", WHEN, "2 of all, any, not", blocks=when(" {all: 'true', any: 'true'}")),
    "an empty group": fault("[]", f"{WHEN}.all", "empty list", blocks=when(" {all: []}")),
    # YAML
    "an anchor": fault("&a", "", "anchor `&a`", thesis="thesis: &a x"),
    "a tag": fault("!!str", "", "cards have no tags", thesis="thesis: !!str x"),
    "a merge key": fault("<<", "", "merge key", thesis="<<: {thesis: x}"),
    "a key twice": fault("id: again", "", "key `id` stands twice", "first on line 1", again="id: again"),
    "a second document": fault("---", "", "second document", more="---\na: 1"),
    "old YAML": fault("---", "", "YAML 1.2", id="%YAML 1.1\n---\nid: x"),
    "broken YAML": fault("]", "", "broken YAML", thesis="thesis: ]"),
    "a control character": fault("\x07", "", "0x7", thesis="thesis: \x07"),
    "a list as a key": fault("[a]", "", "a list as a key", thesis="[a]: x"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_one_line_with_place_and_hint(name: str) -> None:
    planted = FAULTS[name]
    text = a_card_text(**planted.parts)
    found = faults_of(text)
    assert len(found) == 1, found
    parsed = LINE.fullmatch(found[0])
    assert parsed is not None, found[0]
    line, column, path = int(parsed[1]), int(parsed[2]), parsed[3] or ""
    assert path == planted.path
    assert (text + "\n").splitlines()[line - 1][column - 1 :].startswith(planted.at), found[0]
    assert all(word in found[0] for word in planted.words), found[0]


def test_five_planted_errors_are_five_problems_in_reading_order() -> None:
    text = a_card_text(
        thesis="thesys: x",
        features="features:\n  fast: {use: ema, length: two}\n  slow: {use: emma, length: 4}",
        blocks=emit("{action: enter_long, size: {quantity: -1}}").replace("fast > slow", "fast > sloww"),
    )
    found = faults_of(text)
    wanted = ["features.fast.length", "features.slow.use", "sloww", "size.quantity", "thesys"]
    assert len(found) == 5
    assert all(word in line for word, line in zip(wanted, found, strict=True)), found


def test_a_broken_feature_does_not_make_its_readers_wrong() -> None:
    text = a_card_text(
        features="features:\n  bb: {use: bbands, length: 0}\n  x: {use: sma, of: bb.upper, length: 2}",
        blocks=emit("{action: exit}").replace("fast > slow", "x > bb.anything"),
    )
    assert [line.split(": ")[1] for line in faults_of(text)] == ["features.bb.length"]


def test_a_problem_stays_on_one_printable_line() -> None:
    (line,) = faults_of(a_card_text(id='id: "a\\nb\\e[31m"'))
    assert line.isprintable()


def refusal_of(path: Path) -> str:
    with pytest.raises(CardError) as caught:
        load_card(path)
    (problem,) = caught.value.problems
    assert problem.text().startswith(f"{path}")
    assert problem.hint
    return problem.text()


def test_files_that_are_no_cards_are_refused_in_one_line(tmp_path: Path) -> None:
    contents = {
        "empty.yaml": (b"", "the card is empty"),
        "comment.yaml": (b"# nothing\n", "the card is empty"),
        "latin.yaml": ("thesis: caf\xe9\n".encode("latin-1"), "not UTF-8"),
        "binary.yaml": (bytes(range(7)), "may not stand in YAML"),
        "huge.yaml": (b"#" * 300_000, "too large"),
        "text.yaml": (b"a card", "expected a card"),
        "list.yaml": (b"[]", "expected a card"),
        "deep.yaml": (b"[" * 5000, "nested deeper"),
    }
    for name, (content, words) in contents.items():
        path = tmp_path / name
        path.write_bytes(content)
        assert words in refusal_of(path)
    assert "no such file; did you mean `huge.yaml`?" in refusal_of(tmp_path / "gone.yaml")
    assert "there is no folder" in refusal_of(tmp_path / "gone" / "card.yaml")
    assert "a directory" in refusal_of(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    assert "not a file" in refusal_of(tmp_path / "pipe")
    assert "cannot be read" in refusal_of(tmp_path / ("x" * 300))
