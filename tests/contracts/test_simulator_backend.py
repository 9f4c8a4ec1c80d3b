"""What is the simulator's own: its gate waits for grants, and its market stands still but for `advance`."""

from tests.contracts.conftest import a_simulator
from tests.contracts.test_execution_backend import SYMBOL, a_limit


async def test_a_batch_takes_its_grants_and_waits_for_them() -> None:
    """Ten a second: the second batch of six goes out when the first is a second old, and none is refused."""
    backend = a_simulator()
    for name in ("a", "b"):
        batch = await backend.submit_batch(tuple(a_limit(f"{name}{number}", 9_000) for number in range(6)))
        assert [result.code for result in batch.results] == [0] * 6
    assert await backend.server_time_ms() >= 1_000


async def test_history_and_clock_follow_the_market_and_only_advance_moves_it() -> None:
    backend = a_simulator()
    assert await backend.server_time_ms() == 0
    assert (await backend.history(SYMBOL, 60_000)).candles == ()
    await backend.advance(180_000)
    assert await backend.server_time_ms() == 180_000
    history = await backend.history(SYMBOL, 60_000, since_ms=60_000)
    assert (history.ts_open, history.ts_close) == (60_000, 180_000)
    assert [candle.ts_open for candle in history.candles] == [60_000, 120_000]
    assert all(candle.low <= candle.open <= candle.high for candle in history.candles)
    assert await backend.server_time_ms() == 180_000
