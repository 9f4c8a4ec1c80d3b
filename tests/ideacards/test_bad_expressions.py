"""What an expression may not be: code, unknown names, mixed-up types; each complaint with its column in the file."""

import pytest

from tests.ideacards.builders import PARTS, a_card_text, faults_of

PREFIX = "  - when: "  # the line of the condition in the card

# expression -> (the text at the complaint's column, words of the line)
FAULTS: dict[str, tuple[str, str]] = {
    # names
    "fast > sloww": ("sloww", "undefined name `sloww`; did you mean `slow`?"),
    "position.fla": ("position.fla", "did you mean `position.flat`?"),
    "position > 1": ("position", "undefined name `position`"),
    "bb > 1": ("bb", "`bb` has several outputs; write bb.upper or bb.middle or bb.lower"),
    "bb.uper > 1": ("bb.uper", "did you mean `bb.upper`?"),
    "fast.value > 1": ("fast", "`fast` has one output; write `fast`"),
    "fast.__class__ and fast > 1": ("fast", "write `fast`"),
    "facts.news.mood > 0": ("facts", "facts are not available yet"),
    "close > open > hihg": ("hihg", "did you mean `high`?"),
    # calls
    "crosses_abov(fast, slow)": ("crosses_abov", "did you mean `crosses_above`?"),
    "eval(1) > 2": ("eval", "unknown function `eval`"),
    "fast() > 1": ("fast", "unknown function `fast`"),
    "fast()() > 1": ("fast", "not part of the expression language"),
    "fast.count(1) > 1": ("fast", "not part of the expression language"),
    "abs > 1": ("abs", "`abs` is a function"),
    "crosses_above(fast)": ("crosses", "takes 2 plain arguments, found 1"),
    "min(fast) > 1": ("min", "takes 2 to 32 plain arguments, found 1"),
    "abs(fast, slow) > 1": ("abs", "takes 1 plain argument, found 2"),
    "max(*fast) > 1": ("max", "plain arguments"),
    "abs(x=fast) > 1": ("=", "`=` does not compare"),
    "crosses_above(position.size, 1)": ("crosses", "position.size has no past"),
    "crosses_below(1, equity)": ("crosses", "equity has no past"),
    # looking back
    "fast[-1] > 1": ("-1", "would look ahead"),
    "fast[slow] > 1": ("slow", "not a whole number up to 1000"),
    "fast[1.0] > 1": ("1.0", "not a whole number"),
    "fast[1001] > 1": ("1001", "not a whole number up to 1000"),
    "(fast - slow)[1] > 1": ("(fast", "only a name can be looked back at"),
    "fast[1][1] > 1": ("fast", "only a name"),
    "equity[1] > 1": ("equity", "equity has no past"),
    "position.unrealised_percent[1] > 1": ("position", "position.unrealised_percent has no past"),
    "session.london[1] > 1": ("session", "expected a number"),
    # functions of the past
    "held_for(3, position.long)": ("position.long", "position.long has no past; `held_for` looks back: give it a cond"),
    "bars_since(equity > 1) > 1": ("equity > 1", "equity has no past"),
    "bars_since(position.bars_in_trade > 1) > 1": ("position", "position.entry_bar has no past"),
    "value_when(fast > slow, position.size) > 1": ("position.size", "position.size has no past"),
    "sequence(fast > 1, position.long, 3)": ("position.long", "has no past"),
    "rising(equity, 3)": ("rising", "equity has no past"),
    "held_for(0, fast > 1)": ("0", "`0` is not a number of bars; a whole number from 1 to 10000"),
    "held_for(fast > 1, 3)": ("fast > 1", "`fast > 1` is not a number of bars"),
    "within_last(2.5, fast > 1)": ("2.5", "not a number of bars"),
    "count_true(3, 4, fast > 1)": ("4", "how many of them at least; a whole number from 1 to 3"),
    "held_for(3)": ("held_for", "takes 2 plain arguments, found 1; write `held_for(3, close > open)`"),
    "near(fast, slow)": ("near", "takes 3 plain arguments, found 2; write `near(close, level, 0.5 * noise)`"),
    "near(fast, slow, atr=0.5)": ("near", "`near` has no argument `atr`; write `near(close, level, 0.5 * noise)`"),
    "near(fast, slow, percent=slow)": ("slow", "a percentage here is a number from 0 to 100"),
    "min(fast, percent=3) > 1": ("min", "plain arguments"),
    "bars_since(fast) > 1": ("fast", "expected true or false"),
    "helt_for(3, fast > 1)": ("helt_for", "did you mean `held_for`?"),
    "held_for > 1": ("held_for", "`held_for` is a function"),
    "drawdwn > 5": ("drawdwn", "did you mean `drawdown`?"),
    "position.entry_bar > 5": ("position.entry_bar", "undefined name"),
    "position.last_exit == stop": ("stop", "no value of `position.last_exit`"),
    # types
    "fast": ("fast", "expected true or false, found the number `fast`"),
    "1": ("1", "expected true or false"),
    "not fast": ("fast", "expected true or false"),
    "position.flat > 1": ("position.flat", "expected a number, found `position.flat`"),
    "-position.flat > 1": ("position.flat", "expected a number"),
    "abs(fast > slow) > 1": ("fast > slow", "expected a number"),
    "(fast > slow) > 1": ("fast > slow", "expected a number"),
    "crosses_above(fast, slow) > 1": ("crosses", "expected a number"),
    "true > 1": ("true", "expected a number"),
    # operators and forms that are not of the language
    "fast ** 2 > 1": ("fast ** 2", "`fast ** 2` is not part"),
    "fast // 2 > 1": ("fast // 2", "there are + - * /"),
    "fast % 2 > 1": ("%", "character `%`"),
    "fast == 1": ("1", "`==` compares counts, times, words and truths, not prices and ratios; use < <= > >=, or near("),
    "fasst == 1": ("fasst", "did you mean `fast`?"),
    "fast != slow": ("slow", "`!=` compares counts"),
    "! fast > 1": ("!", "write `not`, or compare with < <= > >="),
    "fast = 1": ("=", "`=` does not compare"),
    "fast & slow": ("&", "write `and`"),
    "fast is slow": ("fast is slow", "not part"),
    "fast in slow": ("fast in slow", "not part"),
    "+fast > 1": ("+fast", "leave the plus away"),
    "~fast > 1": ("~", "character `~`"),
    "True": ("True", "write `true`"),
    "None > 1": ("None", "not part"),
    "... > 1": ("...", "not part"),
    "1_000 > fast": ("1_000", "not part"),
    "0x10 > fast": ("0x10", "not part"),
    "1j > fast": ("1j", "not part"),
    "1e30 > fast": ("1e30", "too many digits"),
    "fast > 1 if fast > 1 else true": ("fast", "not part"),
    "[fast] > 1": ("[fast]", "not part"),
    "(fast, slow) > 1": ("(fast", "not part"),
    "lambda: true": (":", "character `:`"),
    "(yield) > 1": ("yield", "not part"),
    "await fast > 1": ("await", "not part"),
    "__import__('os').system('true') > 1": ("'", "character `'`"),
    "fast > 1; slow > 1": (";", "character `;`"),
    "fast – slow > 1": ("–", "character `–`"),  # noqa: RUF001 - a dash, as word processors make it
    "fаst > 1": ("а", "character"),  # noqa: RUF001 - a Cyrillic letter
    "fast >": ("fast", "not an expression"),
    "fast > 1)": (")", "unmatched"),
    "fast > slow slow": ("fast", "not an expression"),
}


@pytest.mark.parametrize("text", FAULTS)
def test_a_fault_in_an_expression_is_placed_inside_it(text: str) -> None:
    at, words = FAULTS[text]
    (line,) = faults_of(card_with(text))
    column = int(line.split(":")[2])
    assert words in line
    assert "; " in line
    if "not an expression" not in words:
        assert text[column - len(PREFIX) - 2 :].startswith(at), line


def card_with(expression: str) -> str:
    quote = '"' if "'" in expression else "'"
    return a_card_text(
        features=f"{PARTS['features']}\n  bb: {{use: bbands, length: 3}}",
        blocks=f"blocks:\n- id: entry\n  cases:\n{PREFIX}{quote}{expression}{quote}\n    emit: {{action: exit}}",
    )


def test_all_faults_of_an_expression_come_together() -> None:
    lines = faults_of(card_with("fasst > 1 and position.flat > 2 or slow"))
    assert [line.split(":")[2] for line in lines] == [str(len(PREFIX) + offset) for offset in (2, 16, 37)]


def test_depth_and_length_are_bounded() -> None:
    assert faults_of(card_with("(" * 50 + "fast" + ")" * 50 + " > 1")) == []
    assert faults_of(card_with("not " * 30 + "fast > 1")) == []
    assert faults_of(card_with("+".join(["fast"] * 30) + " > 1")) == []
    for text in ("not " * 31 + "fast > 1", "-" * 1500 + "fast > 1", "+".join(["fast"] * 40) + " > 1"):
        (line,) = faults_of(card_with(text))
        assert "nested deeper than 32" in line
    (line,) = faults_of(card_with("(" * 900 + "fast" + ")" * 900 + " > 1"))
    assert "nested" in line
    assert faults_of(card_with("fast > 1" + " " * 1992)) == []
    (line,) = faults_of(card_with("fast > 1" + " " * 1993))
    assert "at most 2000" in line


def test_lists_around_an_expression_count_for_its_depth() -> None:
    for levels, is_sound in ((30, True), (31, False)):
        when = "{all: [" * levels + "'fast > 1'" + "]}" * levels
        text = a_card_text(blocks=f"blocks:\n- id: e\n  cases:\n  - when: {when}\n    emit: {{action: exit}}")
        found = faults_of(text)
        assert (not found) is is_sound, found


def test_a_condition_over_several_lines_is_one_expression() -> None:
    when = ">\n      fast > slow\n      and crosses_above(fast,\n      sloww)"
    (line,) = faults_of(a_card_text(blocks=f"blocks:\n- id: e\n  cases:\n  - when: {when}\n    emit: {{action: exit}}"))
    assert "did you mean `slow`?" in line
