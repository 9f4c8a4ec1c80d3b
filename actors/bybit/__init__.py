"""Bybit v5: the codec between its wire protocol and the model. Pure: no socket, clock or file.

`wire/` holds the shapes of requests, answers and frames; `translate/` turns them into the model's values and back;
`endpoints`, `topics` and `codes` are the venue's tables as data; `signing`, `numbers` and `orderbook` are arithmetic.
The same shapes serve a client and a server: each can be encoded and decoded.
"""
