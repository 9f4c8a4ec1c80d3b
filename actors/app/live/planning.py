"""What a live run is built from: the cards, the plan of its tree, the history it reads, and its journal's header."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from actors.app.live.house import LivePlan
from actors.app.live.journal import LeaderFeed, LiveHeader, RunCard
from actors.app.live.preflight import Preflight
from actors.app.runs.account_checks import equity_problems, id_problems
from actors.app.settings import Settings, settings_text
from actors.model.errors import InputError, ProblemLike
from actors.simulator.margin.wallet import on_common_money
from ideacards.card import Card
from ideacards.digest import card_digest
from ideacards.errors import CardError, Problem
from ideacards.loader import load_card
from ideacards.readiness import bars_to_be_ready

__all__ = ["common_equity", "header_of", "history_bars", "history_start", "load_cards", "plan_of", "traded_and_read"]


def common_equity(cards: Sequence[Card], files: Sequence[Path]) -> Decimal:
    """The equity that all cards name; InputError where they differ."""
    problems = equity_problems(cards, files)
    if problems:
        raise InputError(problems)
    return cards[0].account.equity


def load_cards(files: Sequence[Path], overrides: Sequence[Sequence[str]]) -> tuple[Card, ...]:
    """The cards; InputError with every reason why they cannot share an account."""
    cards: list[Card] = []
    problems: list[ProblemLike] = []
    for file, words in zip(files, overrides, strict=True):
        try:
            cards.append(load_card(file, words))
        except CardError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    problems += id_problems(cards, files)
    for number, card in enumerate(cards):
        earlier = next((each for each in cards[:number] if each.market.symbol == card.market.symbol), None)
        if earlier is not None:
            what = f"{card.market.symbol} is traded by the card {earlier.id} already"
            problems.append(Problem(str(files[number]), None, None, "market.symbol", what, "one card a symbol"))
    problems += _length_problems(cards, files)
    if problems:
        raise InputError(problems)
    return tuple(cards)


def _length_problems(cards: Sequence[Card], files: Sequence[Path]) -> list[Problem]:
    """A problem for each card that needs bars of a symbol in another length than an earlier card."""
    problems: list[Problem] = []
    lengths: dict[str, tuple[str, str]] = {}
    for card, file in zip(cards, files, strict=True):
        text = card.timeframes.exec.text
        for symbol in (card.market.symbol, *card.leaders):
            known, whose = lengths.setdefault(symbol, (text, card.id))
            if known != text:
                what = f"it needs {symbol} in bars of {text}, and the card {whose} in bars of {known}"
                hint = "one length of bars a symbol: run them apart"
                problems.append(Problem(str(file), None, None, "timeframes.exec", what, hint))
    return problems


def traded_and_read(cards: Sequence[Card]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The symbols that the cards trade, and those that they read besides."""
    traded = tuple(card.market.symbol for card in cards)
    return traded, tuple(dict.fromkeys(each for card in cards for each in card.leaders if each not in traded))


def plan_of(
    cards: tuple[Card, ...], settings: Settings, found: Preflight, *, has_trade_socket: bool = False
) -> LivePlan:
    """The plan of a run from what the exchange has said."""
    traded, read = traded_and_read(cards)
    instruments = on_common_money(tuple(found.instruments[symbol] for symbol in traded))
    by_symbol = {instrument.symbol: instrument for instrument in instruments}
    since_ms: dict[str, int] = {}
    for card in cards:
        start_ms = history_start(card, settings, found.time_ms)
        for symbol in (card.market.symbol, *card.leaders):
            since_ms[symbol] = min(start_ms, since_ms.get(symbol, start_ms))
    equity = instruments[0].money(found.equity)
    return LivePlan(
        settings,
        cards,
        by_symbol,
        equity,
        since_ms,
        has_trade_socket=has_trade_socket,
        venue_ms=found.time_ms,
        leaders={symbol: found.instruments[symbol] for symbol in read},
    )


def history_start(card: Card, settings: Settings, now_ms: int) -> int:
    """The first bar open that a run reads, of each symbol: as many exec bars back as the card or the profile wants."""
    exec_ms = card.timeframes.exec.ms
    bars = max(history_bars(card), settings.connection.history_bars if settings.connection else 0)
    return (now_ms // exec_ms - bars) * exec_ms


def history_bars(card: Card) -> int:
    """Exec bars that make the card ready, and those that its features ask for by `history`."""
    exec_ms = card.timeframes.exec.ms
    wanted = [card.warmup or 0, bars_to_be_ready(card)]
    for feature in card.features:
        if feature.history is not None:
            timeframe = card.timeframes.named(feature.timeframe)
            wanted.append(feature.history * timeframe.ms // exec_ms)
    return max(wanted)


def header_of(
    plan: LivePlan,
    found: Preflight,
    profile: str,
    files: Sequence[Path],
    overrides: Sequence[Sequence[str]],
    *,
    is_rehearsal: bool = False,
) -> LiveHeader:
    """What the journal says of a run, so that it can be replayed."""
    return LiveHeader(
        profile=profile,
        settings=settings_text(plan.settings),
        cards=tuple(
            RunCard(card.id, str(file.absolute()), tuple(words), card_digest(card), plan.since_ms[card.market.symbol])
            for card, file, words in zip(plan.cards, files, overrides, strict=True)
        ),
        instruments=tuple(plan.instruments.values()),
        equity=found.equity,
        venue_ms=found.time_ms,
        prices=dict(plan.prices),
        is_rehearsal=is_rehearsal,
        has_trade_socket=plan.has_trade_socket,
        has_status_socket=plan.has_status_socket,
        leaders=tuple(LeaderFeed(each, plan.since_ms[symbol]) for symbol, each in plan.leaders.items()),
    )
