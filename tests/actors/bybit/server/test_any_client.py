"""Whatever clients ask, in whatever order, again and again: the exchange answers, and its accounts stay sound."""

import json
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from actors.bybit.endpoints import ENDPOINTS, Method
from actors.bybit.server.gate import KeyLimits
from actors.bybit.server.operations import Answered, carry_out, read_body
from actors.bybit.server.rest.call import RestCall
from actors.bybit.server.rest.table import HANDLERS
from actors.bybit.server.trading.accounts import AccountPlan
from actors.bybit.server.trading.exchange import LocalExchange
from actors.bybit.server.trading.rejection import Rejection
from actors.model.fixed import Money, Rate
from actors.model.instrument import RiskTier
from tests.actors.builders import an_instrument
from tests.actors.bybit.server.invariants import check_account
from tests.actors.bybit.server.markets import START_MS, an_exchange
from tests.actors.bybit.server.running import KEY, SECRET

# A market that goes up, falls by a tenth, and wanders: stops, targets, limits and liquidations all come about.
ROWS = [
    (100, 103, 99, 102), (102, 108, 101, 107), (107, 107, 96, 97), (97, 99, 92, 93), (93, 101, 93, 100),
    (100, 104, 88, 90), (90, 95, 84, 94), (94, 112, 94, 110), (110, 111, 99, 100), (100, 100, 100, 100),
]  # fmt: skip
BALANCES = (("USDT", Decimal(1_000)), ("BTC", Decimal(5)))
TIERS = (RiskTier(Rate(an_instrument().rate_one // 200), Money(0), Money(1 << 60), 100),)  # 0.5 % of the value


def a_market() -> LocalExchange:
    return an_exchange(ROWS, AccountPlan(KEY, SECRET, balances=BALANCES), tiers=TIERS)


SHARED = a_market()
START_CASH = SHARED.accounts[KEY].cash
LINKS = st.sampled_from(["a", "b", "c", "d", "", "x" * 40])
PRICES = st.sampled_from(["80", "90", "95", "98", "100", "100.01", "102", "105", "110", "130", "0", "-1", "", "99.999"])
QTYS = st.sampled_from(["0.5", "1", "2", "3.5", "50", "400", "5000", "0", "-1", "0.0001", "1e3"])
CATEGORIES = st.sampled_from(["linear", "linear", "linear", "spot", "spot", "inverse"])
SYMBOLS = st.sampled_from(["BTCUSDT"] * 8 + ["ETHUSDT"])
SIDES = st.sampled_from(["Buy", "Sell"])


def sometimes(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def body(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """An object of these fields; those that come out as None are left away."""
    return st.fixed_dictionaries(fields).map(
        lambda found: {name: value for name, value in found.items() if value is not None}
    )


ITEM: dict[str, Any] = {
    "symbol": SYMBOLS,
    "side": SIDES,
    "orderType": st.sampled_from(["Market", "Limit", "Limit"]),
    "qty": QTYS,
    "price": sometimes(PRICES),
    "orderLinkId": sometimes(LINKS),
    "timeInForce": sometimes(st.sampled_from(["GTC", "IOC", "FOK", "PostOnly"])),
    "reduceOnly": st.sampled_from([None, None, True]),
    "closeOnTrigger": st.sampled_from([None, None, None, True]),
    "triggerPrice": st.sampled_from([None, None, None, "95", "105", "90"]),
    "triggerDirection": st.sampled_from([None, 1, 2]),
    "takeProfit": st.sampled_from([None, None, None, "105", "120", "80"]),
    "stopLoss": st.sampled_from([None, None, None, "95", "80", "120"]),
    "tpslMode": st.sampled_from([None, None, "Full", "Partial"]),
    "marketUnit": st.sampled_from([None, "baseCoin", "quoteCoin"]),
    "orderFilter": st.sampled_from([None, None, "tpslOrder", "StopOrder"]),
    "positionIdx": st.sampled_from([None, None, None, 0, 1]),
}
CHANGE: dict[str, Any] = {
    "symbol": SYMBOLS,
    "orderLinkId": sometimes(LINKS),
    "orderId": st.sampled_from([None, None, "@open", "@any"]),
    "qty": sometimes(QTYS),
    "price": sometimes(PRICES),
    "triggerPrice": st.sampled_from([None, None, "95", "105"]),
    "takeProfit": st.sampled_from([None, None, "105", "0"]),
    "stopLoss": st.sampled_from([None, None, "95", "0"]),
}
IDS: dict[str, Any] = {
    "symbol": SYMBOLS,
    "orderLinkId": sometimes(LINKS),
    "orderId": st.sampled_from([None, "@open", "@any", "nobody"]),
}
# Orders that are mostly taken: what the wild ones rarely come to.
LEVELS: list[dict[str, Any]] = [
    {}, {}, {"timeInForce": "IOC"}, {"timeInForce": "FOK"}, {"timeInForce": "PostOnly"}, {"reduceOnly": True},
]  # fmt: skip
EXITS: list[dict[str, Any]] = [
    {}, {}, {"takeProfit": "112", "stopLoss": "85"}, {"takeProfit": "101"},
    {"tpslMode": "Partial", "takeProfit": "104"},
]  # fmt: skip
TRIGGERS: list[dict[str, Any]] = [
    {"triggerPrice": "95", "triggerDirection": 2}, {"triggerPrice": "105", "triggerDirection": 1},
    {"triggerPrice": "91"},
]  # fmt: skip
SIZES = st.sampled_from(["0.5", "1", "2", "3", "40", "90"])
NEAR = st.sampled_from(["88", "94", "97", "99", "100", "101", "103", "106"])


def merged(*parts: Any) -> dict[str, Any]:
    return {name: value for part in parts for name, value in part.items()}


PLAIN = st.builds(
    merged,
    body(symbol=st.just("BTCUSDT"), side=SIDES, qty=SIZES),
    st.one_of(
        st.builds(merged, st.just({"orderType": "Market"}), st.sampled_from(EXITS)),
        st.just({"orderType": "Market", "marketUnit": "baseCoin"}),
        st.builds(merged, st.just({"orderType": "Market"}), st.sampled_from(TRIGGERS)),
        st.builds(merged, body(orderType=st.just("Limit"), price=NEAR), st.sampled_from(LEVELS)),
        st.builds(merged, body(orderType=st.just("Limit"), price=NEAR), st.sampled_from(EXITS + TRIGGERS)),
    ),
)
TRADED = st.sampled_from(["linear", "spot"])
FILTERS = st.sampled_from([None, "Order", "StopOrder", "tpslOrder"])
CALLS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "order/create": body(category=CATEGORIES, **ITEM),
    "order/create-batch": body(category=CATEGORIES, request=st.lists(body(**ITEM), max_size=4)),
    "order/amend": body(category=CATEGORIES, **CHANGE),
    "order/amend-batch": body(category=CATEGORIES, request=st.lists(body(**CHANGE), max_size=3)),
    "order/cancel": body(category=CATEGORIES, orderFilter=FILTERS, **IDS),
    "order/cancel-batch": body(category=CATEGORIES, request=st.lists(body(**IDS), max_size=3)),
    "order/cancel-all": body(category=CATEGORIES, symbol=sometimes(SYMBOLS), orderFilter=FILTERS),
    "position/set-leverage": st.sampled_from(["1", "5", "20", "100", "0"]).map(
        lambda text: {"category": "linear", "symbol": "BTCUSDT", "buyLeverage": text, "sellLeverage": text}
    ),
    "position/trading-stop": body(
        category=CATEGORIES,
        symbol=SYMBOLS,
        positionIdx=st.sampled_from([0, 0, 0, 1]),
        tpslMode=st.sampled_from(["Full", "Partial"]),
        takeProfit=sometimes(PRICES),
        stopLoss=sometimes(PRICES),
        trailingStop=st.sampled_from([None, None, "2", "0"]),
        tpSize=st.sampled_from([None, "0.5"]),
        slSize=st.sampled_from([None, "0.5"]),
    ),
    "position/switch-mode": st.sampled_from([0, 0, 3]).map(
        lambda mode: {"category": "linear", "symbol": "BTCUSDT", "mode": mode}
    ),
    "account/set-limit-px-action": body(category=CATEGORIES, modifyEnable=st.booleans()),
}
READS = ("order/realtime", "order/history", "execution/list", "position/list", "position/closed-pnl")
STEPS = st.one_of(
    st.sampled_from(sorted(CALLS)).flatmap(lambda path: st.tuples(st.just(path), CALLS[path])),
    st.tuples(st.just("order/create"), st.builds(merged, body(category=TRADED), PLAIN)),
    st.tuples(st.just("order/create"), st.builds(merged, body(category=TRADED), PLAIN)),
    st.tuples(st.just("order/create-batch"), body(category=TRADED, request=st.lists(PLAIN, min_size=1, max_size=4))),
    st.tuples(
        st.just("order/amend"),
        body(
            category=TRADED,
            symbol=st.just("BTCUSDT"),
            orderId=st.just("@open"),
            qty=sometimes(SIZES),
            price=sometimes(NEAR),
        ),
    ),
    st.tuples(st.just("order/cancel"), body(category=TRADED, symbol=st.just("BTCUSDT"), orderId=st.just("@open"))),
    st.tuples(
        st.just("position/trading-stop"),
        st.builds(
            merged,
            st.just({"category": "linear", "symbol": "BTCUSDT", "positionIdx": 0, "tpslMode": "Full"}),
            st.sampled_from([{"stopLoss": "93"}, {"takeProfit": "106"}, {"trailingStop": "2"}, {"stopLoss": "0"}]),
        ),
    ),
    st.tuples(st.just("wait"), st.sampled_from([1, 500, 7_000, 30_000, 60_000, 200_000])),
    st.tuples(st.just("wait"), st.sampled_from([20_000, 60_000, 120_000])),
    st.tuples(st.just("wait"), st.sampled_from([60_000, 180_000])),
    st.tuples(st.sampled_from(READS), CATEGORIES),
    st.just(("again", None)),
)


class Client:
    """Sends what it is told to; remembers the last request to send it again."""

    def __init__(self, exchange: LocalExchange) -> None:
        self.exchange = exchange
        self.account = exchange.accounts[KEY]
        self.now_ms = START_MS
        self.start_cash = self.account.cash
        self.last: tuple[str, str] | None = None

    def step(self, name: str, what: Any) -> None:
        if name == "wait":
            self.now_ms += what
            self.exchange.advance_to(self.now_ms)
        elif name == "again":
            if self.last is not None:
                self.send(*self.last)
        elif isinstance(what, str):
            coin = "&symbol=BTCUSDT" if name != "order/history" else ""
            self.send(name, f"category={what}{coin}")
        else:
            self.send(name, self._named(json.dumps(what)))

    def _named(self, text: str) -> str:
        """With ids of orders that are there."""
        known, still = list(self.account.orders), list(self.account.open)
        return text.replace("@open", still[-1] if still else "none").replace("@any", known[0] if known else "none")

    def send(self, name: str, payload: str) -> Answered | None:
        self.last = name, payload
        endpoint = ENDPOINTS[f"/v5/{name}"]
        call = RestCall(self.exchange, self.now_ms, self.now_ms, self.account)
        try:
            request = read_body(endpoint, payload, is_query=endpoint.method is Method.GET)
            answer = carry_out(call, endpoint, request, KeyLimits())
        except Rejection:
            return None
        assert answer.text
        return answer


@settings(deadline=None, max_examples=100)
@given(st.lists(STEPS, max_size=8) | st.lists(STEPS, min_size=25, max_size=60))
def test_an_account_is_sound_after_every_request(steps: list[tuple[str, Any]]) -> None:
    client = Client(a_market())
    for name, what in steps:
        client.step(name, what)
        check_account(client.account, client.start_cash, client.now_ms)


def test_an_account_is_sound_through_a_liquidation() -> None:
    client = Client(a_market())
    order = {"category": "linear", "symbol": "BTCUSDT", "side": "Buy", "orderType": "Market", "qty": "85"}
    spot = {"category": "spot", "symbol": "BTCUSDT", "side": "Buy", "orderType": "Limit", "qty": "1", "price": "80"}
    client.step("wait", 110_000)
    client.step("order/create", order)
    client.step("order/create", spot)
    client.step("order/create", order | {"orderType": "Limit", "qty": "1", "price": "60"})
    for _ in range(10):
        client.step("wait", 60_000)
        check_account(client.account, client.start_cash, client.now_ms)
    assert [str(record.fill.exec_type) for record in client.account.executions] == ["Trade", "BustTrade"]
    assert client.account.positions["BTCUSDT"].qty == 0


WORDS = st.text(max_size=12) | st.sampled_from(
    ["linear", "spot", "BTCUSDT", "Buy", "Limit", "1", "-1", "9" * 30, "NaN"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.sampled_from(
    [
        "category", "symbol", "side", "orderType", "qty", "price", "orderLinkId", "orderId", "request", "limit",
        "cursor", "startTime", "endTime", "start", "end", "interval", "settleCoin", "coin", "accountType", "openOnly",
        "orderFilter", "positionIdx", "tpslMode", "mode", "buyLeverage", "sellLeverage", "baseCoin", "status",
        "triggerPrice", "triggerDirection", "utaDemoApplyMoney", "adjustType", "setMarginMode", "modifyEnable",
    ]
)  # fmt: skip
PATHS = sorted(path.removeprefix("/v5/") for path in HANDLERS)


@settings(deadline=None, max_examples=400)
@given(
    st.sampled_from(PATHS),
    st.dictionaries(FIELDS | WORDS, JSON, max_size=9)
    | body(
        category=CATEGORIES, symbol=SYMBOLS, interval=WORDS, limit=st.integers(), start=st.integers(), end=st.integers()
    ),
    st.text(max_size=30),
)
def test_every_route_answers_anything(path: str, fields: dict[str, Any], junk: str) -> None:
    client = Client(SHARED)
    if ENDPOINTS[f"/v5/{path}"].method is Method.GET:
        query = "&".join(f"{name}={value}" for name, value in fields.items())
        client.send(path, query + junk)
        client.send(path, "category=linear&symbol=BTCUSDT&" + query)
    else:
        client.send(path, json.dumps(fields))
        client.send(path, json.dumps(fields) + junk)
        client.send(path, json.dumps({"category": "linear", "symbol": "BTCUSDT"} | fields))
    check_account(client.account, START_CASH, client.now_ms)
