"""The local exchange: the simulated venue served as Bybit v5, REST and WebSocket, on loopback.

Clients speak Bybit's own wire protocol to it. What is synthetic is said in docs/exchange.md: the order book around the
replayed candles, the public trades, and the mark and index prices.
"""
