"""`init DIR`: a folder to start in, with a card, bars, a profile and the next three commands."""

from pathlib import Path

from actors.app.cli.tour import command_name
from actors.app.results.folders import check_free, write_whole
from actors.app.tools.scaffolding import DEFAULT_KIND, INIT_FILES, init_folder

__all__ = ["run"]


def run(folder: Path, /, *, kind: str = DEFAULT_KIND, symbol: str = "BTCUSDT") -> int:
    """Make a folder with a card, bars of a made-up market, a profile, and a README with the next three commands.

    :param folder: A new or empty folder.
    :param kind: The kind of card, as for `new`.
    :param symbol: What the card trades.
    """
    check_free(folder, is_forced=False, own=INIT_FILES, whole="a new folder")
    name = command_name()
    command = str(Path(name).resolve()) if name.startswith("./") else name
    write_whole(folder, lambda place: init_folder(place, kind, symbol, command))
    print(f"{folder}: {', '.join(INIT_FILES)}; {folder / 'README.md'} has the next three commands")
    return 0
