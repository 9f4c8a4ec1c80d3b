"""Lines and markers of the report can be told from the ground they are drawn on, in the light and in the dark."""

import re

import pytest

from actors.app.results.report.page import asset

DRAWN = ("soft", "accent", "good", "bad", "long", "short", "exit", "held", "sharpe", "span")


def palettes() -> list[dict[str, str]]:
    """The page's colours: light, dark as the system asks for it, dark as chosen."""
    blocks = re.findall(r":root[^{]*\{([^}]*)\}", asset("page.css"))
    return [dict(re.findall(r"--(\w+): (#\w+);", block)) for block in blocks]


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dim, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("mode", [0, 1, 2])
@pytest.mark.parametrize("name", DRAWN)
def test_what_is_drawn_stands_out_three_to_one(mode: int, name: str) -> None:
    palette = palettes()[mode]
    assert contrast(palette[name], palette["paper"]) >= 3


def test_dark_is_one_palette_however_it_is_asked_for() -> None:
    light, system, chosen = palettes()
    assert system == chosen
    assert light.keys() == system.keys()
    assert all(light[name] != system[name] for name in DRAWN)


@pytest.mark.parametrize("script", ["page.js", "trade.js", "tools.js"])
def test_scripts_draw_with_the_pages_colours_alone(script: str) -> None:
    assert not re.search(r"#[0-9a-fA-F]{6}\b|rgba?\(", asset(script))
