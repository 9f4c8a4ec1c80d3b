"""New cards and new folders: texts that are checked before they are written."""

import shlex
from pathlib import Path

from actors.app.runs.synthetic import csv_of, synthetic_bars
from actors.app.settings import config_dir
from actors.model.errors import InputError
from ideacards.errors import Problem, nearest
from ideacards.loader import read_card
from ideacards.scaffolds import scaffold_kinds, scaffold_text
from ideacards.timeframe import timeframe_of

__all__ = ["DEFAULT_KIND", "INIT_FILES", "init_folder", "new_card_text"]

DEFAULT_KIND = "trend"
CARD, BARS, PROFILE, README = "card.yaml", "bars.csv", "profile.toml", "README.md"
INIT_FILES = (CARD, BARS, PROFILE, README)
_COUNT, _SEED = 5_000, 7


def new_card_text(kind: str, card_id: str, symbol: str, timeframe: str) -> str:
    """A scaffold with its places filled in; InputError or CardError if one of them cannot be used."""
    kinds = scaffold_kinds()
    if kind not in kinds:
        raise InputError([Problem("--kind", None, None, kind, "no such kind of card", nearest(kind, kinds))])
    try:
        exec_ = timeframe_of(timeframe)
    except ValueError as error:
        raise InputError([Problem("--timeframe", None, None, "", str(error), "1m, 15m, 4h, 1d or 1w")]) from None
    text = scaffold_text(kind, card_id, symbol, exec_)
    read_card(text, f"{card_id}.yaml")
    return text


def init_folder(folder: Path, kind: str, symbol: str, command: str) -> None:
    """Write a card, its bars of a made-up market, a copy of the simulator's profile and a README into a folder."""
    (folder / CARD).write_text(new_card_text(kind, f"my_{kind}", symbol, "1m"), encoding="utf-8")
    (folder / BARS).write_text(csv_of(synthetic_bars(_SEED, _COUNT)), encoding="utf-8")
    profile = (config_dir() / "simulator.toml").read_text(encoding="utf-8")
    (folder / PROFILE).write_text(profile, encoding="utf-8")
    (folder / README).write_text(_readme(command, kind, symbol), encoding="utf-8")


def _readme(command: str, kind: str, symbol: str) -> str:
    back_test = f"{command} backtest {CARD} --bars {BARS} --profile {PROFILE} --out out"
    return f"""# A trading idea

`{CARD}` is a {kind} card of {symbol} on one-minute bars, `{PROFILE}` a copy of the simulator's profile, and `{BARS}` a
market that the program made (seed {_SEED}): it shows that everything works, not that the card earns. Put your own
candles in its place: CSV with `ts_ms,open,high,low,close,volume` (bar open in UTC ms), or an exchange's klines.

The next three commands, in this folder:

```sh
{command} explain {CARD}
{back_test}
{command} why {CARD} --bars {BARS} --at 2024-01-02T12:00
```

The first tells the card in words. The second trades it over the bars; `out/report.html` shows every trade. The third
tells what the card saw at one bar, and why it did or did not act. After each change of the card:
`{shlex.join([*shlex.split(command), "validate", CARD])}`.
"""
