"""Scaffolds: cards to start from, one a kind, with places for the id, the symbol and the timeframes."""

from importlib.resources import files

from ideacards.timeframe import Timeframe

__all__ = ["scaffold_kinds", "scaffold_text"]

_UNITS = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000))
_MIDDLE, _SLOW = 15, 60  # slower timeframes, in bars of exec


def scaffold_kinds() -> tuple[str, ...]:
    """The kinds there are, sorted."""
    names = (entry.name for entry in files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


def scaffold_text(kind: str, card_id: str, symbol: str, exec_: Timeframe) -> str:
    """The card's text; KeyError for an unknown kind."""
    if kind not in scaffold_kinds():
        raise KeyError(kind)
    text = (files(__name__) / f"{kind}.yaml").read_text(encoding="utf-8")
    places = {"ID": card_id, "SYMBOL": symbol, "EXEC": exec_.text}
    places |= {"MTF": _times(exec_, _MIDDLE), "HTF": _times(exec_, _SLOW)}
    for name, value in places.items():
        text = text.replace(f"@{name}@", value)
    return text


def _times(timeframe: Timeframe, count: int) -> str:
    """A multiple of a timeframe, in its largest whole unit."""
    length = timeframe.ms * count
    unit, ms = next((unit, ms) for unit, ms in _UNITS if length % ms == 0)
    return f"{length // ms}{unit}"
