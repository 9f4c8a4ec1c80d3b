"""How numbers and times are written in the report and on the command line."""

from datetime import UTC, datetime
from decimal import Decimal
from html import escape

from actors.app.results.scoring.metric import MetricUnit, Value

__all__ = ["UNDEFINED", "as_money", "as_percent", "as_time", "as_value", "cell", "rows"]

UNDEFINED = "undefined"
_MINUS = "\N{MINUS SIGN}"


def as_money(value: Decimal | float, digits: int = 2) -> str:
    """An amount with grouped thousands and `digits` decimals."""
    return _signed(f"{value:,.{digits}f}")


def as_percent(fraction: Decimal | float, digits: int = 2) -> str:
    """A fraction written as per cent."""
    return _signed(f"{fraction * 100:,.{digits}f}") + "%"


def as_time(time_ms: int) -> str:
    """A UTC time to the minute, or to the second if it has seconds."""
    moment = datetime.fromtimestamp(time_ms / 1000, UTC)
    return moment.strftime("%Y-%m-%d %H:%M:%S" if moment.second else "%Y-%m-%d %H:%M")


def as_value(value: Value, unit: MetricUnit) -> str:
    """A metric's value written in its unit."""
    if value is None:
        return UNDEFINED
    match unit:
        case MetricUnit.PERCENT:
            return as_percent(value, 4 if 0 < abs(value) < 0.01 else 2)
        case MetricUnit.COUNT:
            return f"{value:,.0f}"
        case MetricUnit.BARS:
            return f"{value:,.1f} bars"
        case MetricUnit.DAYS:
            return _duration(value)
        case MetricUnit.QUOTE | MetricUnit.NUMBER:
            return as_money(value)


def _duration(days: float) -> str:
    if days >= 2 or days == 0:
        return f"{days:,.1f} days"
    return f"{days * 24:.1f} hours" if days * 24 >= 2 else f"{days * 1440:.0f} minutes"


def cell(text: object, *, numeric: bool = False) -> str:
    """One escaped table cell."""
    return f"<td{' class=n' if numeric else ''}>{escape(str(text))}</td>"


def rows(lines: list[str]) -> str:
    """Table rows of finished cells."""
    return "\n".join(f"<tr>{line}</tr>" for line in lines)


def _signed(text: str) -> str:
    """Write a typographic minus, and none before a rounded zero."""
    if not text.startswith("-"):
        return text
    return text[1:] if not text.strip("-0.,") else _MINUS + text[1:]
