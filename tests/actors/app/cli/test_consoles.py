"""Consoles: plain text where it is asked for; markup in a user's text is printed, not interpreted."""

import io

import pytest
from rich.text import Text

from actors.app.cli.consoles import aside, screen


@pytest.mark.parametrize("value", ["1", "true"])
def test_no_color_leaves_no_escape_at_all(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert _printed() != "bold and red\n"
    monkeypatch.setenv("NO_COLOR", value)
    assert _printed() == "bold and red\n"


def test_brackets_are_text(capsys: pytest.CaptureFixture[str]) -> None:
    aside().print("report: [/a]/[bold]report.html")
    screen().print("[red]")
    assert capsys.readouterr() == ("[red]\n", "report: [/a]/[bold]report.html\n")


def test_a_long_path_is_never_broken(capsys: pytest.CaptureFixture[str]) -> None:
    aside().print("p" * 500)
    assert capsys.readouterr().err == "p" * 500 + "\n"


def _printed() -> str:
    console = screen()
    console.file = io.StringIO()
    console.print(Text("bold and red", style="bold red"))
    return console.file.getvalue()
