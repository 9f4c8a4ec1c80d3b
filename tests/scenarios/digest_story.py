"""One fixed story whose output digest must be the same everywhere; run as a module it prints that digest.

    python -m tests.scenarios.digest_story [--plant]

Three entries compete at every cross, so the order in which a bar's intents are processed decides which one is sent and
which are refused. `--plant` puts an iteration over a set of strings on that road: the fault the test must catch.
"""

import random
import sys
import tempfile
from pathlib import Path

import attrs

from actors.app.files.bars import read_bars
from actors.app.files.instruments import load_instrument
from actors.app.results.tape import RunTape
from actors.app.runs.run import run_backtest
from actors.app.settings import load_settings
from ideacards.blocks import PositionView, StrategyBlocksExecutor
from ideacards.intents import Intent
from ideacards.loader import load_card
from tests.oracle.story import Row, rows_of, write_bars

__all__ = ["perturb_heap", "plant_set_iteration", "run_story"]

BARS = 600
CARD = """id: rivals
thesis: Three entries want the same cross, and the first of the card gets it.
market: {venue: bybit, category: linear, symbol: BTCUSDT}
timeframes: {exec: 1m, mtf: 5m}
account: {equity: 1000000, leverage: 1}
features:
  fast: {use: ema, of: close, length: 3}
  slow: {use: ema, of: close, length: 8}
  calm: {use: rsi, of: close, length: 5, timeframe: mtf}
blocks:
  - id: alpha
    cases:
      - when: position.flat and crosses_above(fast, slow)
        emit: {action: enter_long, size: {notional: 1000}, stop_loss: {percent: 0.7}, take_profit: {percent: 1.1}}
  - id: beta
    cases:
      - when: position.flat and crosses_above(fast, slow)
        emit: {action: enter_long, size: {notional: 2000}, stop_loss: {percent: 0.5}}
  - id: gamma
    cases:
      - when: position.flat and crosses_above(fast, slow) and calm > 20
        emit: {action: enter_long, size: {equity_percent: 0.3}}
      - when: position.flat and crosses_below(fast, slow)
        emit: {action: enter_short, size: {quantity: 5}, take_profit: {percent: 1}}
  - id: leave
    cases:
      - when: position.long and crosses_below(fast, slow)
        emit: {action: exit}
      - when: position.short and crosses_above(fast, slow)
        emit: {action: exit}
"""


def story_rows() -> list[Row]:
    """A walk made by a small congruential generator: the same on every machine and Python."""
    state, close, lines = 20240101, 10_000, []
    for _ in range(BARS):
        draws = []
        for _ in range(4):
            state = (state * 1_103_515_245 + 12_345) % 2**31
            draws.append((state >> 16) % 101)
        opened, close = close + draws[0] % 5 - 2, max(1_000, close + draws[1] - 50)
        high, low = max(opened, close) + draws[2] // 4, min(opened, close) - draws[3] // 4
        lines.append(" ".join(f"{cents // 100}.{cents % 100:02d}" for cents in (opened, high, low, close)))
    return rows_of(lines)


def run_story() -> RunTape:
    """The story from files to tape."""
    with tempfile.TemporaryDirectory() as folder:
        card_file = Path(folder) / "card.yaml"
        card_file.write_text(CARD, encoding="utf-8")
        card = load_card(card_file)
        bars = read_bars(write_bars(Path(folder) / "bars.csv", story_rows()), "BTCUSDT", card.timeframes.exec.ms, 1)
    settings = attrs.evolve(load_settings("simulator"), seed=7)
    return run_backtest(card, bars, load_instrument("BTCUSDT", bars.price_digits), settings)


def plant_set_iteration() -> None:
    """From now on a bar's intents leave in the order of a set of their blocks' names."""
    honest = StrategyBlocksExecutor.evaluate_at

    def planted(self: StrategyBlocksExecutor, index: int, ts_close: int, view: PositionView) -> tuple[Intent, ...]:
        by_block = {intent.block_id: intent for intent in honest(self, index, ts_close, view)}
        return tuple(by_block[name] for name in set(by_block))

    StrategyBlocksExecutor.evaluate_at = planted  # type: ignore[method-assign]


def perturb_heap() -> list[bytes]:
    """Blocks of random sizes, every second one freed: addresses differ from run to run. Keep what is returned."""
    chance = random.SystemRandom()
    blocks = [bytes(chance.randrange(1, 4_000)) for _ in range(20_000)]
    return blocks[:: chance.choice((2, 3, 5))]


def main() -> None:
    """Print the digest."""
    kept = perturb_heap()
    if "--plant" in sys.argv[1:]:
        plant_set_iteration()
    print(run_story().output_digest)
    del kept


if __name__ == "__main__":
    main()
