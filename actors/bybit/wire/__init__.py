"""Shapes of Bybit's requests, answers and frames: names, nesting, string or number, exactly as on the wire.

A room a file: orders, executions, positions, wallet, market, streams, trade. Names end by use: `Body` is a POST body,
`Params` a GET query, `Row` one item of a list, `Page` and `Result` an answer's `result`, `Data` a frame's `data`.
Numbers stay text here, as the wire has them; `actors.bybit.numbers` reads and writes them.
"""
