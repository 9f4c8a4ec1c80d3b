"""`SYMBOL=FILE` words: which file is of which symbol; where only one is traded, the file alone will do."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from actors.app.files.market import MarketFiles
from actors.app.runs.card_overrides import load_cards
from actors.app.runs.leaders import NO_LEADER_FILES, missing_leaders
from actors.model.errors import InputError
from ideacards.card import Card
from ideacards.errors import Problem
from ideacards.loader import load_card

__all__ = ["BarFiles", "bars_by_card", "market_files_by_card", "paired", "symbols_of"]

BARS = "--bars"
_ALL = {"symbol": "the cards trade", "market": "the cards trade or read", "card": "the cards are"}
_NONE = {"symbol": "no card trades", "market": "no card trades or reads", "card": "no card has the id"}


@attrs.frozen
class BarFiles:
    """The bars of what a card trades, and of each of its leaders."""

    bars: Path
    leaders: Mapping[str, Path] = NO_LEADER_FILES


def bars_by_card(
    cards: Sequence[Path], given: Sequence[str], overrides: Sequence[Sequence[str]] = ()
) -> list[BarFiles]:
    """The bars files of each card, from `SYMBOL=FILE` words; with one card the file of what it trades alone will do.

    InputError: a card without bars, a leader without bars, bars without a card, two cards of one symbol, or two files
    of one.
    """
    loaded = _loaded(cards, overrides)
    symbols = [card.market.symbol for card in loaded]
    led = [symbol for card in loaded for symbol in card.leaders]
    known = list(dict.fromkeys((*symbols, *led)))
    alone = symbols[0] if len(cards) == 1 else None
    files, problems = paired(BARS, given, known, "market" if led else "symbol", alone)
    is_paired = not problems
    for number, (card, file) in enumerate(zip(loaded, cards, strict=True)):
        symbol = card.market.symbol
        if symbol in symbols[:number]:
            other = cards[symbols.index(symbol)]
            what = f"trades {symbol}, and so does {other}: the net position of a symbol cannot be shared"
            problems.append(_problem(str(file), what, "run them one after the other"))
        elif symbol not in files and is_paired:
            problems.append(_problem(str(file), f"there are no bars of {symbol}", f"give --bars {symbol}=FILE"))
        if is_paired:
            problems += missing_leaders(card, files, str(file))
    if problems:
        raise InputError(problems)
    return [BarFiles(files[card.market.symbol], {symbol: files[symbol] for symbol in card.leaders}) for card in loaded]


def symbols_of(cards: Sequence[Path], overrides: Sequence[Sequence[str]] = ()) -> list[str]:
    """What each card trades, its overrides applied; CardError or InputError for cards that cannot be read."""
    return [card.market.symbol for card in _loaded(cards, overrides)]


def _loaded(cards: Sequence[Path], overrides: Sequence[Sequence[str]]) -> list[Card]:
    if len(cards) == 1:
        return [load_card(cards[0], overrides[0] if overrides else ())]
    return load_cards(cards, overrides)


def market_files_by_card(symbols: Sequence[str], given: Mapping[str, Sequence[str]]) -> list[MarketFiles]:
    """The files beside the bars of each symbol; `given` has the words of each option by its name in `MarketFiles`.

    InputError with everything that is wrong with them. A symbol may go without any of them.
    """
    problems: list[Problem] = []
    found: dict[str, Mapping[str, Path]] = {}
    for name, words in given.items():
        found[name], faults = paired(f"--{name.replace('_', '-')}", words, symbols)
        problems += faults
    if problems:
        raise InputError(problems)
    return [MarketFiles(**{name: files.get(symbol) for name, files in found.items()}) for symbol in symbols]


def paired(
    option: str, words: Sequence[str], symbols: Sequence[str], of: str = "symbol", alone: str | None = None
) -> tuple[dict[str, Path], list[Problem]]:
    """The file of each symbol that has one, and what is wrong with the words; `of` is what `symbols` are.

    A word without a symbol is the file of `alone`, which is the symbol where there is one.
    """
    files: dict[str, Path] = {}
    problems = []
    alone = symbols[0] if len(symbols) == 1 else alone
    for word in words:
        symbol, is_pair, file = word.partition("=")
        if alone is not None and (not is_pair or (symbol not in symbols and Path(word).exists())):
            symbol, file = alone, word
        elif not is_pair:
            what = f"{word!r} does not say of which {of}; {_ALL[of]} {', '.join(symbols)}"
            problems.append(_problem(option, what, f"give {option} {symbols[0]}={word}"))
            continue
        if symbol not in symbols:
            what = f"{_NONE[of]} {symbol}; {_ALL[of]} {', '.join(symbols)}"
            problems.append(_problem(option, what, "leave it out, or add its card"))
        elif symbol in files:
            problems.append(_problem(option, f"{symbol} is given twice", f"give one file a {of}"))
        elif not file:
            problems.append(_problem(option, f"{word!r} names no file", f"give {option} {symbol}=FILE"))
        else:
            files[symbol] = Path(file)
    return files, problems


def _problem(where: str, what: str, hint: str) -> Problem:
    return Problem(where, None, None, "", what, hint)
