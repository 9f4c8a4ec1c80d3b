"""What each answer and frame holds, field by field, as the reference lists it: literal tables, no codec.

A table maps paths in a payload to kinds. `fields` writes one level: names of text fields, then of the other kinds.
"""

from tests.actors.bybit.server.outlines import Outline

__all__ = ["EXPECTED"]


def fields(text: str, *, number: str = "", boolean: str = "", null: str = "") -> Outline:
    """One object's fields by kind."""
    kinds = {"text": text, "number": number, "boolean": boolean, "null": null}
    return {name: {kind} for kind, names in kinds.items() for name in names.split()}


def below(path: str, inner: Outline, kind: str = "object") -> Outline:
    """An object at a path."""
    return {path: {kind}} | {f"{path}.{name}": kinds for name, kinds in inner.items()}


def rows(path: str, inner: Outline) -> Outline:
    """A list of objects at a path."""
    return {path: {"list"}} | below(f"{path}[]", inner)


def table(path: str) -> Outline:
    """A list of lists of text at a path."""
    return {path: {"list"}, f"{path}[]": {"list"}, f"{path}[][]": {"text"}}


ENVELOPE = {"": {"object"}} | fields("retMsg", number="retCode time") | below("retExtInfo", {})


def answer(inner: Outline) -> Outline:
    """A REST answer around a result."""
    return ENVELOPE | below("result", inner)


def page(row: Outline, *, paged: bool = True, category: bool = True) -> Outline:
    """A REST answer with a list."""
    names = ("category " if category else "") + ("nextPageCursor" if paged else "")
    return answer(fields(names) | rows("list", row))


IDS = fields("orderId orderLinkId")
BATCH_ROW = IDS | fields("category symbol createAt")
ITEM_CODES = rows("retExtInfo.list", fields("msg", number="code"))
LINEAR_ORDER = fields(
    "orderId orderLinkId parentOrderLinkId blockTradeId symbol price qty side isLeverage orderStatus createType "
    "cancelType rejectReason avgPrice leavesQty leavesValue cumExecQty cumExecValue cumExecFee timeInForce orderType "
    "stopOrderType orderIv marketUnit slippageToleranceType slippageTolerance triggerPrice takeProfit stopLoss "
    "tpslMode ocoTriggerBy tpLimitPrice slLimitPrice tpTriggerBy slTriggerBy triggerBy lastPriceOnCreated placeType "
    "smpType smpOrderId createdTime updatedTime extraFees rpiMatchedQty",
    number="positionIdx triggerDirection smpGroup",
    boolean="reduceOnly closeOnTrigger rpiTakerAccess",
) | {"cumFeeDetail": {"object"}, "cumFeeDetail.*": {"text"}}
ORDER = LINEAR_ORDER | fields("basePrice")  # of spot
EXECUTION = fields(
    "symbol orderId orderLinkId side orderPrice orderQty leavesQty createType orderType stopOrderType execFee "
    "execFeeV2 execId execPrice execQty execType execValue execTime feeCurrency feeRate tradeIv markIv markPrice "
    "indexPrice underlyingPrice blockTradeId closedSize marketUnit",
    number="seq",
    boolean="isMaker",
)
POSITION = fields(
    "riskLimitValue symbol side size positionValue positionStatus leverage breakEvenPrice markPrice liqPrice "
    "positionIM positionIMByMp positionMM positionMMByMp takeProfit stopLoss trailingStop sessionAvgPrice "
    "unrealisedPnl curRealisedPnl cumRealisedPnl createdTime updatedTime mmrSysUpdatedTime leverageSysUpdatedTime "
    "tpslMode bustPrice positionBalance",
    number="positionIdx riskId autoAddMargin adlRankIndicator openTime seq tradeMode",
    boolean="isReduceOnly",
)
COIN = fields(
    "coin equity usdValue walletBalance locked spotHedgingQty borrowAmount spotBorrow accruedInterest totalOrderIM "
    "totalPositionIM totalPositionMM unrealisedPnl cumRealisedPnl bonus colRes free availableToWithdraw "
    "availableToBorrow",
    boolean="marginCollateral collateralSwitch",
)
WALLET = fields(
    "accountType accountIMRate accountMMRate totalEquity totalWalletBalance totalMarginBalance totalAvailableBalance "
    "totalPerpUPL totalInitialMargin totalMaintenanceMargin accountIMRateByMp accountMMRateByMp totalInitialMarginByMp "
    "totalMaintenanceMarginByMp accountLTV"
) | rows("coin", COIN)
LINEAR_TICKER = fields(
    "symbol lastPrice indexPrice markPrice prevPrice24h price24hPcnt highPrice24h lowPrice24h prevPrice1h openInterest "
    "openInterestValue singleOpenInterest singleOpenInterestValue turnover24h volume24h fundingRate nextFundingTime "
    "predictedDeliveryPrice basisRate basis basisRateYear deliveryFeeRate deliveryTime ask1Size bid1Price ask1Price "
    "bid1Size preOpenPrice preQty curPreListingPhase fundingIntervalHour fundingCap tickDirection"
)
SPOT_STREAM_TICKER = fields(
    "symbol lastPrice prevPrice24h price24hPcnt highPrice24h lowPrice24h turnover24h volume24h usdIndexPrice"
)
SPOT_TICKER = SPOT_STREAM_TICKER | fields("bid1Price bid1Size ask1Price ask1Size")
RISK = below("riskParameters", fields("priceLimitRatioX priceLimitRatioY"))
LINEAR_INSTRUMENT = (
    fields(
        "symbol contractType status baseCoin quoteCoin settleCoin symbolType launchTime deliveryTime deliveryFeeRate "
        "priceScale copyTrading upperFundingRate lowerFundingRate displayName",
        number="symbolId fundingInterval",
        boolean="unifiedMarginTrade forbidUplWithdrawal isPreListing",
        null="preListingInfo",
    )
    | below("leverageFilter", fields("minLeverage maxLeverage leverageStep"))
    | below("priceFilter", fields("minPrice maxPrice tickSize"))
    | below(
        "lotSizeFilter",
        fields("minOrderQty maxOrderQty maxMktOrderQty qtyStep minNotionalValue postOnlyMaxOrderQty"),
    )
    | RISK
)
SPOT_INSTRUMENT = (
    fields(
        "symbol baseCoin quoteCoin innovation symbolType status marginTrading stTag xstockMultiplier", number="symbolId"
    )
    | below("priceFilter", fields("tickSize"))
    | below(
        "lotSizeFilter",
        fields(
            "basePrecision quotePrecision minOrderAmt maxLimitOrderQty maxMarketOrderQty postOnlyMaxLimitOrderSize "
            "minOrderQty maxOrderQty maxOrderAmt"
        ),
    )
    | RISK
)
BOOK = fields("s", number="u seq") | table("b") | table("a")
PRIVATE_HEAD = {"": {"object"}} | fields("id topic", number="creationTime")
PUBLIC_HEAD = {"": {"object"}} | fields("topic type", number="ts")
PRICES = answer(fields("category symbol") | table("list"))
TRADE_HEADER = below("header", fields("X-Bapi-Limit X-Bapi-Limit-Status X-Bapi-Limit-Reset-Timestamp Traceid Timenow"))
TRADE_HEAD = {"": {"object"}} | fields("retMsg op connId", number="retCode")
CANDLE = fields("interval open close high low volume turnover", number="start end timestamp", boolean="confirm")
PUBLIC_TRADE = fields("s S v p i", number="T seq", boolean="BT RPI")
SUBSCRIBED = {"": {"object"}} | fields("ret_msg conn_id op", boolean="success")

EXPECTED: dict[str, Outline] = {
    "market/time": answer(fields("timeSecond timeNano")),
    "market/kline": PRICES,
    "market/mark-price-kline": PRICES,
    "market/index-price-kline": PRICES,
    "market/premium-index-price-kline": PRICES,
    "market/instruments-info": page(LINEAR_INSTRUMENT),
    "market/instruments-info spot": page(SPOT_INSTRUMENT, paged=False),
    "market/tickers": page(LINEAR_TICKER, paged=False),
    "market/tickers spot": page(SPOT_TICKER, paged=False),
    "market/orderbook": answer(BOOK | fields("", number="ts cts")),
    "market/recent-trade": page(
        fields("execId symbol price size side time seq", boolean="isBlockTrade isRPITrade"), paged=False
    ),
    "market/funding/history": page(fields("symbol fundingRate fundingRateTimestamp"), paged=False),
    "market/risk-limit": page(
        fields(
            "symbol riskLimitValue maintenanceMargin initialMargin maxLeverage mmDeduction", number="id isLowestRisk"
        )
    ),
    "market/price-limit": answer(fields("symbol buyLmt sellLmt ts")),
    "market/open-interest": answer(
        fields("symbol category nextPageCursor") | rows("list", fields("openInterest singleOpenInterest timestamp"))
    ),
    "system/status": answer({"list": {"list"}}),
    "order/create": answer(IDS),
    "order/amend": answer(IDS),
    "order/cancel": answer(IDS),
    "order/cancel-all": answer(fields("success") | rows("list", IDS)),
    "order/create-batch": answer(rows("list", BATCH_ROW)) | ITEM_CODES,
    "order/amend-batch": answer(rows("list", BATCH_ROW)) | ITEM_CODES,
    "order/cancel-batch": answer(rows("list", BATCH_ROW)) | ITEM_CODES,
    "order/realtime": page(ORDER),
    "order/history": page(LINEAR_ORDER),
    "execution/list": page(EXECUTION | fields("extraFees")),
    "execution/list spot": page(EXECUTION | fields("extraFees")),
    "position/list": page(POSITION | fields("avgPrice")),
    "position/closed-pnl": page(
        fields(
            "symbol orderId side qty closedPnl orderPrice orderType execType closedSize cumEntryValue avgEntryPrice "
            "cumExitValue avgExitPrice fillCount leverage createdTime updatedTime"
        )
    ),
    "position/set-leverage": answer({}),
    "position/trading-stop": answer({}),
    "account/wallet-balance": page(WALLET, paged=False, category=False),
    "account/info": answer(
        fields(
            "marginMode updatedTime spotHedgingStatus dcpStatus",
            number="unifiedMarginStatus timeWindow smpGroup",
            boolean="isMasterTrader",
        )
    ),
    "account/user-setting-config": answer(fields("", boolean="lpaSpot lpaPerp smsef fmsef")),
    "account/fee-rate": page(fields("symbol takerFeeRate makerFeeRate baseCoin"), paged=False),
    "account/transaction-log": answer(
        fields("nextPageCursor")
        | rows(
            "list",
            fields(
                "id symbol category side transactionTime type transSubType qty size currency tradePrice funding fee "
                "cashFlow change cashBalance feeRate bonusChange tradeId orderId orderLinkId extraFees"
            ),
        )
    ),
    "account/query-dcp-info": answer({"dcpInfos": {"list"}}),
    "account/smp-group": answer(fields("", number="smpGroup")),
    "account/set-limit-px-action": answer({}),
    "account/set-margin-mode": answer({"reasons": {"list"}}),
    "apilimit/query": answer(rows("list", fields("uids bizType", number="rate"))),
    "user/query-api": answer(
        fields(
            "id note apiKey secret expiredAt createdAt vipLevel mktMakerLevel rsaPublicKey parentUid kycLevel "
            "kycRegion",
            number="readOnly type deadlineDay unified uta userID inviterID affiliateID",
            boolean="isMaster",
        )
        | {"ips": {"list"}, "ips[]": {"text"}, "permissions": {"object"}}
        | {
            f"permissions.{area}": {"list"}
            for area in ("ContractTrade", "Spot", "Wallet", "Options", "Derivatives", "Exchange")
        }
        | {f"permissions.{area}[]": {"text"} for area in ("ContractTrade", "Spot", "Derivatives")}
    ),
    "order frame": PRIVATE_HEAD | rows("data", ORDER | fields("category closedPnl feeCurrency brokerOrderPrice")),
    "execution frame": PRIVATE_HEAD
    | rows("data", EXECUTION | fields("category isLeverage execPnl") | {"extraFees": {"list"}}),
    "execution.fast frame": {"": {"object"}}
    | fields("topic", number="creationTime")
    | rows(
        "data",
        fields(
            "category symbol execId execPrice execQty orderId orderLinkId side execTime",
            number="seq",
            boolean="isMaker",
        ),
    ),
    "position frame": PRIVATE_HEAD | rows("data", POSITION | fields("entryPrice category")),
    "wallet frame": PRIVATE_HEAD | rows("data", WALLET),
    "orderbook frame": PUBLIC_HEAD | fields("", number="cts") | below("data", BOOK),
    "orderbook frame spot": PUBLIC_HEAD | fields("", number="cts") | below("data", BOOK),
    "publicTrade frame": PUBLIC_HEAD | rows("data", PUBLIC_TRADE | fields("L")),
    "publicTrade frame spot": PUBLIC_HEAD | rows("data", PUBLIC_TRADE),
    "kline frame": PUBLIC_HEAD | rows("data", CANDLE),
    "kline frame spot": PUBLIC_HEAD | rows("data", CANDLE),
    "tickers frame": PUBLIC_HEAD | fields("", number="cs") | below("data", LINEAR_TICKER),
    "tickers frame spot": PUBLIC_HEAD | fields("", number="cs") | below("data", SPOT_STREAM_TICKER),
    "private auth ack": SUBSCRIBED,
    "private subscribe ack": SUBSCRIBED,
    "private pong": {"": {"object"}, "args": {"list"}, "args[]": {"text"}} | fields("req_id op conn_id"),
    "public subscribe ack": SUBSCRIBED | fields("req_id"),
    "public subscribe ack spot": SUBSCRIBED | fields("req_id"),
    "public pong": SUBSCRIBED | fields("req_id"),
    "public pong spot": SUBSCRIBED,
    "trade auth ack": TRADE_HEAD,
    "trade pong": TRADE_HEAD | {"data": {"list"}, "data[]": {"text"}},
    "trade ack": TRADE_HEAD | fields("reqId") | below("retExtInfo", {}) | below("data", IDS) | TRADE_HEADER,
    "trade batch ack": TRADE_HEAD
    | fields("reqId")
    | below("retExtInfo", {})
    | ITEM_CODES
    | below("data", rows("list", BATCH_ROW))
    | TRADE_HEADER,
}
