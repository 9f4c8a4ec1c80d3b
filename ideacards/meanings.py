"""What each key of a card and each name of its conditions means, in one line: the words of docs/card-reference.md.

Types, defaults and ranges are not repeated here; the page takes them from the definitions. A key that is defined and
has no line here, or a line without its key, fails the page's test.
"""

__all__ = ["FACTS", "FEATURE_KEYS", "FUNCTIONS", "KEYS", "TITLES"]

# By class of the written card: how its section is called.
TITLES: dict[str, str] = {
    "WrittenCard": "Card",
    "Market": "Market",
    "AccountSpec": "Account",
    "WrittenParameter": "Parameter",
    "WrittenSession": "Session",
    "WrittenBlock": "Block",
    "WrittenElse": "Else",
    "WrittenCase": "Case",
    "WrittenEmit": "Emit",
    "WrittenSize": "Size",
    "WrittenOrder": "Order",
    "WrittenPrice": "Price",
    "WrittenPercent": "Level",
    "Fresh": "Fresh",
    "WrittenOwn": "Own feature",
}

KEYS: dict[str, dict[str, str]] = {
    "WrittenCard": {
        "id": "name of the card: in results, journals and order ids",
        "market": "what is traded",
        "timeframes": "the bar of the card, `exec`, and slower ones by name",
        "account": "what a back-test starts with",
        "blocks": "the decisions, evaluated in this order",
        "thesis": "the idea in a sentence",
        "warmup": "exec bars before the first decision; never less than the features need",
        "features": "values computed from bars, by name",
        "time_zone": "of `time.*` and of sessions that name none",
        "sessions": "parts of the day, by name: `session.NAME`",
        "parameters": "numbers that `--set NAME=VALUE` changes, by name",
    },
    "Market": {
        "venue": "the exchange",
        "category": "Bybit's product category: USDT perpetuals",
        "symbol": "Bybit's name of the instrument",
    },
    "AccountSpec": {
        "equity": "in quote coin",
        "leverage": "set at the venue; bounded by the instrument",
    },
    "WrittenParameter": {
        "default": "the value where none is set",
        "min": "the least value that may be set",
        "max": "the greatest value that may be set",
    },
    "WrittenSession": {
        "from": "the bar that closes then is in the session",
        "to": "the bar that closes then is not; before `from`: on the next day",
        "zone": "time zone of both times; that of the card where absent",
        "days": "on which a session begins",
    },
    "WrittenBlock": {
        "id": "name of the block: in results and order ids",
        "cases": "conditions and what they emit; the first that holds decides",
        "else": "what the block emits where no case holds",
    },
    "WrittenElse": {"emit": "an action and its details"},
    "WrittenCase": {
        "when": "a condition: a text, or `all:`, `any:`, `not:` of texts and lists",
        "emit": "an action and its details",
    },
    "WrittenEmit": {
        "action": "what is done",
        "size": "how much is bought or sold",
        "order": "type and price of the order; at market where absent",
        "stop_loss": "where the loss ends: rests at the venue from the entry's fill on",
        "take_profit": "where the gain is taken: rests at the venue from the entry's fill on",
        "fraction": "share of the position that leaves; all of it where absent",
        "add": "whether the entry may add to a position of its side",
    },
    "WrittenSize": {
        "notional": "value in quote coin",
        "quantity": "amount in base coin",
        "equity_percent": "share of equity at the deciding close, in percent",
    },
    "WrittenOrder": {
        "type": "`market` takes the next price, `limit` rests at its price or better, `stop` waits for its price",
        "price": "of a limit or stop order",
    },
    "WrittenPrice": {
        "ref": "`close`, `entry` (the position's average price) or a feature",
        "offset_percent": "added to it, in percent, signed",
        "offset_ticks": "added to it, in ticks, signed",
    },
    "WrittenPercent": {"percent": "distance from the entry fill's price, in percent"},
    "Fresh": {
        "bars": "exec bars since the slower bar closed",
        "age": "time since the slower bar closed",
    },
    "WrittenOwn": {
        "use": "a step function of yours, in a file beside the card",
        "state": "numbers that it keeps from bar to bar",
        "timeframe": "whose bars it reads; `exec` where absent",
        "fresh": "how old a slower value may be",
    },
}

FEATURE_KEYS: dict[str, str] = {
    "use": "the kind",
    "of": "what it is computed of: a bar column, a price source, a feature or an output of one",
    "with": "the second series",
    "timeframe": "whose bars it reads; `exec`, or that of its source, where absent",
    "fresh": "how old a slower value may be; older, it is unknown",
    "history": "bars of the timeframe that each value depends on, exactly",
}

FUNCTIONS: dict[str, tuple[str, str]] = {
    "crosses_above": ("crosses_above(a, b)", "a > b now, and a ≤ b one exec bar before"),
    "crosses_below": ("crosses_below(a, b)", "a < b now, and a ≥ b one exec bar before"),
    "between": ("between(x, low, high)", "low ≤ x ≤ high"),
    "near": ("near(x, y, distance) or near(x, y, percent=p)", "x is no further than that from y"),
    "rising": ("rising(x, n)", "x was above its value one bar before, at each of the last n exec bars"),
    "falling": ("falling(x, n)", "x was below its value one bar before, at each of the last n exec bars"),
    "held_for": ("held_for(n, c)", "c held at all of the last n exec bars"),
    "within_last": ("within_last(n, c)", "c held at one of the last n exec bars"),
    "count_true": ("count_true(n, k, c)", "c held at k or more of the last n exec bars"),
    "sequence": ("sequence(a, b, n)", "b holds now, and a held at one of the n exec bars before"),
    "bars_since": ("bars_since(c)", "exec bars since c last held"),
    "value_when": ("value_when(c, x)", "x at the bar at which c last held"),
    "abs": ("abs(x)", "x without its sign"),
    "min": ("min(x, y, …)", "the least of them"),
    "max": ("max(x, y, …)", "the greatest of them"),
}

FACTS: dict[str, str] = {
    "position.flat": "no position, and no entry of this card in flight",
    "position.long": "a long position",
    "position.short": "a short position",
    "position.side": "`long`, `short` or `flat`",
    "position.size": "signed, in base coin",
    "position.entry_price": "average price of the position",
    "position.bars_in_trade": "exec bars closed since the entry, 1 at the first",
    "position.unrealised_percent": "gain at the close, in percent of the entry price",
    "position.unrealised_r": "gain at the close, in distances of the first stop loss",
    "position.risk_percent": "distance of the first stop loss, in percent of the entry price",
    "position.best_price": "best price of the bars closed since the entry",
    "position.worst_price": "worst price of the bars closed since the entry",
    "position.best_percent": "gain at the best price, in percent of the entry price",
    "position.worst_percent": "gain at the worst price, in percent of the entry price",
    "position.entries_today": "entries that filled on the UTC day of the close",
    "position.last_exit": "`exit stop_loss take_profit trailing_stop liquidation other`",
    "position.last_result": "gain of the last position, net of fees and funding",
    "position.bars_since_exit": "exec bars closed since the last exit",
    "position.bars_since_loss": "exec bars closed since the last losing exit",
    "equity": "at the deciding close",
    "drawdown": "percent below the highest equity at a close",
    "time.hour": "hour of the close, 0 to 23",
    "time.minute": "minute of the close, 0 to 59",
    "time.weekday": "`mon tue wed thu fri sat sun`, in this order",
    "time.date": "a number like 20250131",
}
