"""Where Bybit's wire is met: each edge owns one kind of connection, carries out requests, and decides nothing."""
