"""Flags of the command line override a profile's settings; the result records both."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import attrs

from actors.app.results.result import RunFlags
from actors.app.settings import DELAY, FILL_RULE, SLIPPAGE, VOLUME_SHARE, LatencySettings, Settings
from actors.model.errors import InputError
from actors.simulator.config import MarginMode
from actors.simulator.prices.path import PathPolicy
from ideacards.errors import Problem, nearest
from ideacards.loading.rules import Word

__all__ = ["FLAGS", "with_flags"]

Changed = tuple[Settings, Any]  # the settings with the flag applied, and the value it replaced


def with_flags(settings: Settings, **given: Any) -> tuple[Settings, RunFlags]:
    """The profile's settings with the given flags applied, and a record of both; InputError for an invalid value.

    Flags go by the names in FLAGS; None means not given.
    """
    typed = {name: value for name, value in given.items() if value is not None}
    before: dict[str, Any] = {}
    for name, value in typed.items():
        settings, before[name] = _FLAGS[name](settings, value)
    return settings, RunFlags(typed, before)


def _path(settings: Settings, path: str) -> Changed:
    names = [policy.value for policy in PathPolicy]
    if path not in names:
        raise _problem("--path", path, "is no path policy", nearest(path, names))
    venue = settings.venue
    return attrs.evolve(settings, venue=attrs.evolve(venue, path=PathPolicy(path))), venue.path.value


def _seed(settings: Settings, seed: int) -> Changed:
    if seed < 0:
        raise _problem("--seed", str(seed), "is below 0", "a seed is 0 or more")
    return attrs.evolve(settings, seed=seed), settings.seed


def _every_bar(settings: Settings, every_bar: bool) -> Changed:
    return attrs.evolve(settings, every_bar=every_bar), settings.every_bar


def _of_venue(option: str, field: str, rule: Word, made: Callable[[str], Any] = str) -> Callable[..., Changed]:
    """A flag that overrides one field of the venue's settings."""

    def change(settings: Settings, text: str) -> Changed:
        _check(option, text, rule)
        venue = settings.venue
        return attrs.evolve(settings, venue=attrs.evolve(venue, **{field: made(text)})), str(getattr(venue, field))

    return change


def _margin(settings: Settings, mode: str) -> Changed:
    names = [each.value for each in MarginMode]
    if mode not in names:
        raise _problem("--margin", mode, f"is none of {', '.join(names)}", nearest(mode, names))
    venue = settings.venue
    return attrs.evolve(settings, venue=attrs.evolve(venue, margin_mode=MarginMode(mode))), venue.margin_mode.value


def _latency(settings: Settings, text: str) -> Changed:
    """One delay for all three latencies, or some by name: `feed=5,entry=20,response=20`."""
    names = [field.name for field in attrs.fields(LatencySettings)]
    before = ",".join(f"{name}={getattr(settings.latency, name)}" for name in names)
    if "=" not in text:
        _check("--latency", text, DELAY)
        return attrs.evolve(settings, latency=LatencySettings(text, text, text)), before
    changes: dict[str, str] = {}
    for part in text.split(","):
        name, _, delay = part.partition("=")
        if name not in names:
            raise _problem("--latency", part, f"is none of {', '.join(names)}", nearest(name, names))
        _check("--latency", delay, DELAY)
        changes[name] = delay
    return attrs.evolve(settings, latency=attrs.evolve(settings.latency, **changes)), before


_FLAGS: dict[str, Callable[[Settings, Any], Changed]] = {
    "path": _path,
    "seed": _seed,
    "every_bar": _every_bar,
    "limit_fill": _of_venue("--limit-fill", "limit_fill", FILL_RULE),
    "slippage": _of_venue("--slippage", "slippage", SLIPPAGE),
    "latency": _latency,
    "slippage_tolerance": _of_venue("--slippage-tolerance", "slippage_tolerance", SLIPPAGE),
    "volume_share": _of_venue("--volume-share", "volume_share", VOLUME_SHARE, Decimal),
    "margin": _margin,
}
FLAGS = tuple(_FLAGS)


def _check(option: str, text: str, rule: Word) -> None:
    if not rule.matches(text):
        raise _problem(option, text, f"expected {rule.meaning}", rule.hint)


def _problem(option: str, value: str, what: str, hint: str) -> InputError:
    return InputError([Problem(option, None, None, value, what, hint)])
