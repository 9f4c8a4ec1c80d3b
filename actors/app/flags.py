"""Flags of the command line over a profile's settings; both stand in the result."""

from typing import Any

import attrs

from actors.app.results import RunFlags
from actors.app.settings import Settings
from actors.model.errors import InputError
from actors.simulator.path import PathPolicy
from ideacards.errors import Problem, nearest

__all__ = ["LATER_PATHS", "with_flags"]

LATER_PATHS = ("pessimistic", "optimistic", "subbars")


def with_flags(
    settings: Settings, *, path: str | None, seed: int | None, every_bar: bool | None
) -> tuple[Settings, RunFlags]:
    """The settings with what was given in the place of what the profile says; InputError for a value that is none."""
    given: dict[str, Any] = {}
    before: dict[str, Any] = {}
    if path is not None:
        given["path"], before["path"] = path, settings.venue.path.value
        settings = attrs.evolve(settings, venue=attrs.evolve(settings.venue, path=_policy(path)))
    if seed is not None:
        if seed < 0:
            raise InputError([Problem("--seed", None, None, str(seed), "is below 0", "a seed is 0 or more")])
        given["seed"], before["seed"] = seed, settings.seed
        settings = attrs.evolve(settings, seed=seed)
    if every_bar is not None:
        given["every_bar"], before["every_bar"] = every_bar, settings.every_bar
        settings = attrs.evolve(settings, every_bar=every_bar)
    return settings, RunFlags(given, before)


def _policy(path: str) -> PathPolicy:
    names = [policy.value for policy in PathPolicy]
    if path in LATER_PATHS:
        what, hint = "is not in this version", f"there is: {', '.join(names)}"
    elif path not in names:
        what, hint = "is no path policy", nearest(path, names)
    else:
        return PathPolicy(path)
    raise InputError([Problem("--path", None, None, path, what, hint)])
