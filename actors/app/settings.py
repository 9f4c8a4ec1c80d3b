"""Settings of a run: one profile, read strictly from TOML; flags of the command line override it.

A profile says which exchange stands in the tree and how it behaves. It holds no secret and nothing about a card.
"""

import json
from decimal import Decimal
from enum import Enum, StrEnum
from pathlib import Path
from typing import Annotated, Any

import attrs

from actors.app.files.toml import read_toml, structure
from actors.model.errors import InputError
from actors.model.fixed import plain_text
from actors.simulator.config import MarginMode, PriceBand
from actors.simulator.prices.path import PathPolicy
from ideacards.errors import Problem, nearest
from ideacards.loading.rules import Number, Whole, Word

__all__ = [
    "DELAY",
    "FILL_RULE",
    "SLIPPAGE",
    "VOLUME_SHARE",
    "ConnectionSettings",
    "IntervalSettings",
    "LatencySettings",
    "LimitSettings",
    "ProfileName",
    "RiskSettings",
    "Settings",
    "VenueSettings",
    "config_dir",
    "load_settings",
    "load_simulator_settings",
    "profile_file",
    "profile_names",
    "settings_object",
    "settings_text",
]

_ORDINARY = "simulator"
_OTHER_FILES = ("instruments",)

Count = Annotated[int, Whole(1)]
Limit = Annotated[Decimal, Number(above=0)] | None
FILL_RULE = Word(r"touch|through(:[1-9]\d{0,5})?", "touch, through or through:<ticks>", "like through:1")
SLIPPAGE = Word(
    r"\d{1,6}|\d{1,4}(\.\d{1,4})?bp", "ticks (2) or basis points of the price (1.5bp)", "as text in quotes in a profile"
)
VOLUME_SHARE = Word(r"0(\.\d{1,6})?|1(\.0*)?", "a share from 0 to 1 (0.1)", "at most 6 decimals")
_MS = r"(\d{1,5}|1[01]\d{4})(\.\d{1,6})?"
DELAY = Word(
    rf"{_MS}|(uniform|lognormal):{_MS}:{_MS}|table:.+",
    "milliseconds under 120000 (20), uniform:LOW:HIGH, lognormal:MEDIAN:P99, or table:FILE",
    "as text in quotes in a profile",
)
Share = Annotated[Decimal, Number(at_least=0)]
FillRule = Annotated[str, FILL_RULE]
Slippage = Annotated[str, SLIPPAGE]
Delay = Annotated[str, DELAY]


class ProfileName(StrEnum):
    """The exchanges that a profile can name."""

    SIMULATOR = "simulator"
    PAPER = "paper"  # Bybit's public market and a simulated account
    LOCAL = "local"  # the local exchange, which speaks Bybit's protocol on this machine
    DEMO = "demo"  # Bybit's demo account
    LIVE = "live"  # Bybit


@attrs.frozen
class VenueSettings:
    """How the simulated venue fills."""

    path: PathPolicy = PathPolicy.NEAREST_EXTREME
    limit_fill: FillRule = "through:1"
    drift_ticks_per_second: Annotated[int, Whole(0)] = 1
    slippage: Slippage = "0"
    slippage_tolerance: Slippage = "0"
    volume_share: Share = Decimal(0)
    price_band: PriceBand = PriceBand.REPRICE
    margin_mode: MarginMode = MarginMode.CROSS


@attrs.frozen
class LatencySettings:
    """Latency of closed bars (feed), of requests (entry), of answers and private reports (response)."""

    feed: Delay = "0"
    entry: Delay = "0"
    response: Delay = "0"


@attrs.frozen
class LimitSettings:
    """The venue's request budgets, which our rate limiter keeps; `reserve_percent` of them for what lowers risk."""

    create_per_second: Count = 10
    amend_per_second: Count = 10
    cancel_per_second: Count = 10
    protection_per_second: Count = 10
    leverage_per_second: Count = 10
    query_per_second: Count = 50
    ip_per_5s: Count = 600
    reserve_percent: Annotated[int, Whole(0, 99)] = 20


@attrs.frozen
class RiskSettings:
    """Limits on what an intent may become, in quote coin and percent of the starting equity; None is off."""

    max_order_notional: Limit = None
    max_position_notional: Limit = None
    max_loss_percent: Limit = None


@attrs.frozen
class IntervalSettings:
    """Seconds of market time between two clock syncs and two reconciliations."""

    clock_sync_s: Count = 86_400
    reconcile_s: Count = 86_400


@attrs.frozen
class ConnectionSettings:
    """Of a real exchange: where its keys are (a file, or a systemd credential), and how many bars are read at a start.

    `history_bars` are exec bars; a card whose features need more reads more.
    """

    keys: str | None = None
    credential: str | None = None
    history_bars: Count = 1_000


@attrs.frozen
class Settings:
    """One profile; the file `config/simulator.toml` explains each key."""

    profile: ProfileName
    deployment: Annotated[str, Word("[a-z0-9]{4}", "four characters a-z or 0-9", "like simu")] = "simu"
    seed: Annotated[int, Whole(0, 10**18)] = 0
    every_bar: bool = False
    venue: VenueSettings = VenueSettings()
    latency: LatencySettings = LatencySettings()
    limits: LimitSettings = LimitSettings()
    risk: RiskSettings = RiskSettings()
    intervals: IntervalSettings = IntervalSettings()
    connection: ConnectionSettings | None = None  # of the profiles of a real exchange


def config_dir() -> Path:
    """The folder `config/`: inside the installed package, or at the top of a checkout."""
    here = Path(__file__).resolve().parent
    installed = here / "_config"
    return installed if installed.is_dir() else here.parents[1] / "config"


def profile_names() -> tuple[str, ...]:
    """Names of the profiles in `config/`, sorted."""
    stems = (path.stem for path in config_dir().glob("*.toml"))
    return tuple(sorted(stem for stem in stems if stem not in _OTHER_FILES and "." not in stem))


def load_settings(name_or_file: str = _ORDINARY) -> Settings:
    """Settings of a profile by name (`simulator`) or by file (`my.toml`); InputError listing every problem."""
    return structure(read_toml(_file_of(name_or_file), "a profile"), Settings)


def load_simulator_settings(name_or_file: str = _ORDINARY) -> Settings:
    """The same; InputError for a profile of a real exchange, on which nothing is simulated."""
    settings = load_settings(name_or_file)
    if settings.profile is not ProfileName.SIMULATOR:
        what = f"is the exchange {settings.profile}, and this needs the simulator"
        hint = "`coldframe run` trades on it; leave --profile away here"
        raise InputError([Problem("--profile", None, None, name_or_file, what, hint)])
    return settings


def settings_object(settings: Settings) -> dict[str, Any]:
    """The settings as JSON values in field order; Decimals as text."""
    found = attrs.asdict(settings, value_serializer=lambda _, __, value: _json_value(value))
    return {name: value for name, value in found.items() if value is not None}


def settings_text(settings: Settings) -> str:
    """The settings as a profile's TOML, which `structure` reads back to the same."""
    lines, tables = [], []
    for key, value in settings_object(settings).items():
        if isinstance(value, dict):
            tables.append(f"\n[{key}]")
            field = getattr(settings, key)
            tables += [_toml_line(name, getattr(field, name), item) for name, item in value.items() if item is not None]
        else:
            lines.append(_toml_line(key, getattr(settings, key), value))
    return "\n".join([*lines, *tables]) + "\n"


def _toml_line(key: str, value: Any, plain: Any) -> str:
    if isinstance(value, bool):
        return f"{key} = {str(value).lower()}"
    return f"{key} = {plain}" if isinstance(value, int | Decimal) else f"{key} = {json.dumps(str(plain))}"


def _json_value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain_text(value)
    return value.value if isinstance(value, Enum) else value


def profile_file(name_or_file: str) -> Path | None:
    """The user's file, or None for a name: a name has neither a slash nor the ending `.toml`."""
    return Path(name_or_file) if name_or_file.endswith(".toml") or "/" in name_or_file else None


def _file_of(name_or_file: str) -> Path:
    file = profile_file(name_or_file)
    if file is not None:
        return file
    names = profile_names()
    if name_or_file not in names:
        raise InputError(
            [Problem("--profile", None, None, name_or_file, "no such profile", nearest(name_or_file, names))]
        )
    return config_dir() / f"{name_or_file}.toml"
