"""Orders through the async facade of the exchange port, against a local exchange.

    ./coldframe exchange &
    python -m docs.examples.backend_orders 127.0.0.1:8899

The same lines trade on Bybit's demo account: `DemoBackend.open(load_settings("demo"))`, with the keys of that profile.
"""

import sys

import trio

from actors.app.backends import LiveBackend
from actors.app.settings import load_settings
from actors.model.fixed import Price, Qty
from actors.model.order import OrderRequest, OrderType, Side
from actors.model.result import RequestOutcome

SYMBOL = "BTCUSDT"


async def main(address: str) -> None:
    """Buy a little at market, rest a limit far below, cancel it, and close the position."""
    settings = load_settings("local")
    async with LiveBackend.open(settings, (SYMBOL,), address=address) as backend:
        instrument = backend.instruments[SYMBOL]
        qty = Qty(instrument.min_qty * 10)
        result = await backend.submit_order(OrderRequest("example-1", SYMBOL, Side.BUY, OrderType.MARKET, qty))
        print(f"market order: {result.outcome}")
        if result.outcome is RequestOutcome.UNKNOWN:  # it may be working: look it up under its id, never send a new one
            print(f"it is {await backend.order_by_id(SYMBOL, 'example-1')}")

        held = (await backend.position(SYMBOL)).position.qty
        print(f"position: {instrument.qty_text(held)} {SYMBOL}")

        fill = (await backend.executions(SYMBOL))[-1]
        low = Price(fill.price * 9 // 10 // instrument.tick * instrument.tick)
        await backend.submit_order(OrderRequest("example-2", SYMBOL, Side.BUY, OrderType.LIMIT, qty, low))
        print(f"open: {[order.link_id for order in await backend.open_orders(SYMBOL)]}")
        print(f"cancel: {(await backend.cancel_order(SYMBOL, 'example-2')).outcome}")
        print(f"cancel again: {(await backend.cancel_order(SYMBOL, 'example-2')).rejection}")

        await backend.submit_order(
            OrderRequest("example-3", SYMBOL, Side.SELL, OrderType.MARKET, held, reduce_only=True)
        )
        print(f"position: {instrument.qty_text((await backend.position(SYMBOL)).position.qty)} {SYMBOL}")
        print(f"the stream told of {len({event.order_id for event in backend.stream()})} orders")


if __name__ == "__main__":
    trio.run(main, sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:8899")
