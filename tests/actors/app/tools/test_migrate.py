"""`migrate`: prints the card or replaces the file; a card that would not load is not written."""

from pathlib import Path

import pytest

from actors.app.cli import main
from ideacards.loading import migrations
from ideacards.loading.migrations import Edit
from ideacards.loading.tree import MapNode
from tests.ideacards.builders import a_card_text


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A card of a made version 0, in which a card's id was its name."""

    def named(root: MapNode) -> list[Edit]:
        return [Edit(root.key_places["name"], "name", "id")]

    monkeypatch.setitem(migrations.MIGRATIONS, 0, named)
    file = tmp_path / "old.yaml"
    file.write_text("# mine\n" + a_card_text(id="name: probe", schema="schema: 0"), encoding="utf-8")
    return file


def test_it_prints_and_leaves_the_file(old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = old.read_text(encoding="utf-8")
    assert main(["migrate", str(old)]) == 0
    said = capsys.readouterr()
    assert said.out == "# mine\n" + a_card_text(schema="schema: 1")
    assert said.err == f"{old}: schema 1, from schema 0\n"
    assert old.read_text(encoding="utf-8") == before


def test_it_writes_when_asked(old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", str(old)]) == 2
    assert "`coldframe migrate CARD` rewrites it" in capsys.readouterr().err
    assert main(["migrate", str(old), "--write"]) == 0
    assert capsys.readouterr().out == ""
    assert old.read_text(encoding="utf-8") == "# mine\n" + a_card_text(schema="schema: 1")
    assert main(["validate", str(old)]) == 0
    assert main(["migrate", str(old)]) == 0
    assert "nothing to change" in capsys.readouterr().err


def test_a_card_with_faults_is_told_and_not_written(old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old.write_text(old.read_text(encoding="utf-8").replace("use: ema", "use: emma"), encoding="utf-8")
    before = old.read_text(encoding="utf-8")
    assert main(["migrate", str(old), "--write"]) == 2
    assert "unknown use `emma`" in capsys.readouterr().err
    assert old.read_text(encoding="utf-8") == before
