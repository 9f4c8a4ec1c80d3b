"""What cards and settings need of an exchange: whatever it lacks is refused before anything starts."""

from collections.abc import Sequence

from actors.app.live.venues import LiveVenue
from actors.app.settings import LatencySettings, ProfileName, Settings, VenueSettings
from actors.bybit.capabilities import Capability, missing
from actors.bybit.translate.candles import INTERVALS_MS
from actors.model.errors import InputError
from ideacards.card import Card
from ideacards.errors import Problem

__all__ = ["check_needs", "needs_of"]

_NO_VENUE = "tells how a simulated venue behaves, and this exchange is none"
_NO_LATENCY = "paper orders meet the real market's own time"


def needs_of(cards: Sequence[Card]) -> list[tuple[Capability, str]]:
    """What the cards need, each with who needs it."""
    return [
        (capability, f"the card {card.id}") for card in cards for capability in (Capability.LINEAR, Capability.ONE_WAY)
    ]


def check_needs(cards: Sequence[Card], settings: Settings, venue: LiveVenue) -> None:
    """Raises InputError with everything that the exchange does not have."""
    problems: list[Problem] = [
        Problem("--profile", None, None, settings.profile, line) for line in missing(venue.behaves_as, needs_of(cards))
    ]
    for card in cards:
        exec_ = card.timeframes.exec
        if exec_.ms not in INTERVALS_MS.values():
            have = ", ".join(_text(ms) for ms in sorted(INTERVALS_MS.values()))
            what = "Bybit has no candles of this length"
            problems.append(Problem(card.id, None, None, f"timeframes.exec {exec_.text}", what, f"it has {have}"))
    is_paper = settings.profile is ProfileName.PAPER
    for name, is_foreign, what in (
        ("venue", settings.venue != VenueSettings() and not is_paper, _NO_VENUE),
        ("latency", settings.latency != LatencySettings(), _NO_LATENCY if is_paper else _NO_VENUE),
    ):
        if is_foreign:
            problems.append(Problem("--profile", None, None, name, what, "take the table out of the profile"))
    if problems:
        raise InputError(problems)


def _text(ms: int) -> str:
    minutes = ms // 60_000
    for length, unit in ((10_080, "w"), (1_440, "d"), (60, "h")):
        if minutes % length == 0:
            return f"{minutes // length}{unit}"
    return f"{minutes}m"
