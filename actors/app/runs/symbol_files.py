"""`SYMBOL=FILE` words: which file is of which symbol; where only one is traded, the file alone will do."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from actors.app.files.market import MarketFiles
from actors.app.runs.card_overrides import load_cards
from actors.model.errors import InputError
from ideacards.errors import Problem
from ideacards.loader import load_card

__all__ = ["bars_by_card", "market_files_by_card", "paired", "symbols_of"]

BARS = "--bars"
_ALL = {"symbol": "the cards trade", "card": "the cards are"}
_NONE = {"symbol": "no card trades", "card": "no card has the id"}


def bars_by_card(cards: Sequence[Path], given: Sequence[str], overrides: Sequence[Sequence[str]] = ()) -> list[Path]:
    """The bars file of each card, from `SYMBOL=FILE` words; with one card the file alone will do.

    InputError: a card without bars, bars without a card, two cards of one symbol, or two files of one.
    """
    if len(cards) == 1 and len(given) == 1 and "=" not in given[0]:
        return [Path(given[0])]
    symbols = symbols_of(cards, overrides)
    files, problems = paired(BARS, given, symbols)
    for number, (card, symbol) in enumerate(zip(cards, symbols, strict=True)):
        if symbol in symbols[:number]:
            other = cards[symbols.index(symbol)]
            what = f"trades {symbol}, and so does {other}: the net position of a symbol cannot be shared"
            problems.append(_problem(str(card), what, "run them one after the other"))
        elif symbol not in files and not problems:
            problems.append(_problem(str(card), f"there are no bars of {symbol}", f"give --bars {symbol}=FILE"))
    if problems:
        raise InputError(problems)
    return [files[symbol] for symbol in symbols]


def symbols_of(cards: Sequence[Path], overrides: Sequence[Sequence[str]] = ()) -> list[str]:
    """What each card trades, its overrides applied; CardError or InputError for cards that cannot be read."""
    if len(cards) == 1:
        return [load_card(cards[0], overrides[0] if overrides else ()).market.symbol]
    return [card.market.symbol for card in load_cards(cards, overrides)]


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
    option: str, words: Sequence[str], symbols: Sequence[str], of: str = "symbol"
) -> tuple[dict[str, Path], list[Problem]]:
    """The file of each symbol that has one, and what is wrong with the words; `of` is what `symbols` are."""
    files: dict[str, Path] = {}
    problems = []
    for word in words:
        symbol, is_pair, file = word.partition("=")
        if len(symbols) == 1 and (not is_pair or (symbol != symbols[0] and Path(word).exists())):
            symbol, file = symbols[0], word
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
