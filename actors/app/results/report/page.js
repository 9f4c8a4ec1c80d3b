"use strict";
(() => {
  const { chart: drawn, trades, own } = JSON.parse(document.getElementById("data").textContent);
  const columns = trades.columns;
  const digits = trades.digits;
  const BLOCK_PIXELS = 28; // room for one cluster of markers with its count

  // -- chart
  const times = [];
  drawn.time.reduce((sum, step) => { times.push(sum + step); return sum + step; }, 0);
  const markers = [];
  const kindsSeen = [];
  for (let i = 0; i < drawn.markers.length; i += 3) {
    const kind = drawn.marker_kinds[drawn.markers[i + 1]];
    const [position, shape] = STYLES[kind];
    const count = drawn.markers[i + 2];
    if (!kindsSeen.includes(kind)) kindsSeen.push(kind);
    markers.push({ bucket: drawn.markers[i], kind, count, marker: { time: times[drawn.markers[i]], position, shape, text: count > 1 ? String(count) : undefined } });
  }
  const LC = window.LightweightCharts;
  const smallPrice = Math.max(...drawn.close.slice(0, 100)) || 1;
  const priceDigits = Math.min(digits.price, smallPrice >= 1000 ? 2 : 8);
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const chart = LC.createChart(byId("chart"), {
    autoSize: true,
    layout: { fontSize: 12, fontFamily: getComputedStyle(document.body).fontFamily, attributionLogo: false },
    rightPriceScale: { minimumWidth: 84, entireTextOnly: true },
    timeScale: { timeVisible: drawn.bucket_ms < 86400000, secondsVisible: false, minBarSpacing: 0.005, lockVisibleTimeRangeOnResize: true },
    crosshair: { mode: LC.CrosshairMode.Normal },
    handleScroll: { vertTouchDrag: false },
  });
  const candles = chart.addSeries(LC.CandlestickSeries, {
    priceLineVisible: false, lastValueVisible: false,
    priceFormat: { type: "custom", minMove: 10 ** -priceDigits, formatter: (value) => fixed(value, priceDigits) },
  }, 0);
  candles.setData(times.map((time, i) => ({ time, open: drawn.open[i], high: drawn.high[i], low: drawn.low[i], close: drawn.close[i] })));
  const equityPlaces = drawn.equity.reduce((a, b) => Math.max(a, b)) < 1e7 ? 2 : 0;
  const equity = chart.addSeries(LC.LineSeries, {
    lineWidth: 2, priceLineVisible: false, lastValueVisible: false,
    priceFormat: { type: "custom", minMove: 0.01, formatter: (value) => fixed(value, equityPlaces) },
  }, 1);
  const held = chart.addSeries(LC.LineSeries, {
    lineWidth: 1, priceLineVisible: false, lastValueVisible: false,
    priceFormat: { type: "custom", minMove: 0.01, formatter: (value) => fixed(value, equityPlaces) },
  }, 1);
  held.setData(times.map((time, i) => ({ time, value: drawn.benchmark[i] })));
  equity.setData(times.map((time, i) => ({ time, value: drawn.equity[i] })));
  const deepest = drawn.drawdown.reduce((a, b) => Math.min(a, b), 0);
  const depthPlaces = deepest > -0.1 ? 4 : 2;
  const depth = chart.addSeries(LC.BaselineSeries, {
    baseValue: { type: "price", price: 0 }, lineWidth: 1, priceLineVisible: false, lastValueVisible: false,
    priceFormat: { type: "custom", minMove: 0.0001, formatter: (value) => (value > 1e-9 ? "" : fixed(value, depthPlaces) + "%") },
  }, 2);
  // Room above the lines for the names of the panes.
  equity.priceScale().applyOptions({ scaleMargins: { top: 0.24, bottom: 0.08 } });
  depth.priceScale().applyOptions({ scaleMargins: { top: 0.3, bottom: 0.08 } });
  depth.setData(times.map((time, i) => ({ time, value: drawn.drawdown[i] })));
  let rolling = null;
  if (drawn.rolling.length) {
    rolling = chart.addSeries(LC.LineSeries, {
      lineWidth: 1, priceLineVisible: false, lastValueVisible: false,
      priceFormat: { type: "custom", minMove: 0.01, formatter: (value) => fixed(value, 1) },
    }, 3);
    rolling.setData(times.map((time, i) => (drawn.rolling[i] === null ? { time } : { time, value: drawn.rolling[i] })));
    rolling.priceScale().applyOptions({ scaleMargins: { top: 0.3, bottom: 0.08 } });
  }
  const titles = [];
  chart.panes().forEach((pane, i) => {
    pane.setStretchFactor([5, 2, 1.5, 1.5][i]);
    const text = ["", "Equity, and buy and hold in grey", "Drawdown", `Sharpe ratio of the last ${drawn.rolling_days} days`][i];
    if (text) titles.push([LC.createTextWatermark(pane, { horzAlign: "left", vertAlign: "top", lines: [] }), text]);
  });

  // -- colours: the page's own variables, so that light and dark are told in one place
  let palette;
  const look = () => {
    const grid = { color: palette.grid }, { soft, paper, line } = palette;
    return {
      palette,
      options: {
        layout: { background: { color: paper }, textColor: soft, panes: { separatorColor: line } },
        grid: { vertLines: grid, horzLines: grid },
        rightPriceScale: { borderColor: line },
        timeScale: { borderColor: line },
      },
      candle: { upColor: paper, downColor: soft, borderUpColor: soft, borderDownColor: soft, wickUpColor: soft, wickDownColor: soft },
    };
  };
  const highlight = new TradeZones(() => palette);
  candles.attachPrimitive(highlight);
  const paint = () => {
    const names = ["paper", "soft", "line", "grid", "accent", "good", "bad", "long", "short", "exit", "held", "sharpe", "span"];
    palette = Object.fromEntries(names.map((name) => [name, colour(name)]));
    palette.font = getComputedStyle(document.body).fontFamily;
    const { options, candle } = look(), { bad, soft } = palette;
    chart.applyOptions(options);
    candles.applyOptions(candle);
    equity.applyOptions({ color: palette.accent });
    held.applyOptions({ color: palette.held });
    rolling?.applyOptions({ color: palette.sharpe });
    depth.applyOptions({ topLineColor: bad, bottomLineColor: bad, bottomFillColor1: withAlpha(bad, 0.08), bottomFillColor2: withAlpha(bad, 0.28) });
    for (const [title, text] of titles) title.applyOptions({ lines: [{ text, color: soft, fontSize: 12 }] });
    detail.paint();
  };
  const detail = tradeChart({
    bars: ownBars(own.bars, drawn, times, digits.price), kinds: drawn.marker_kinds, look, digits, priceDigits,
    timeVisible: drawn.exec_ms < 86400000,
  });
  const prefersDark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (document.documentElement.dataset.theme || (prefersDark.matches ? "dark" : "light")) === "dark";
  byId("dark").onclick = () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    paint();
    showMarkers();
  };
  prefersDark.addEventListener("change", () => { paint(); showMarkers(); });
  byId("log-scale").onclick = () => {
    const isLog = byId("log-scale").ariaPressed !== "true";
    byId("log-scale").ariaPressed = String(isLog);
    const mode = isLog ? LC.PriceScaleMode.Logarithmic : LC.PriceScaleMode.Normal;
    for (const series of [candles, equity]) series.priceScale().applyOptions({ mode });
  };

  // Markers: each of them where they can be told apart, else one cluster a block of pixels, entries and exits apart.
  const pins = LC.createSeriesMarkers(candles, []);
  const showMarkers = () => {
    const range = chart.timeScale().getVisibleLogicalRange();
    if (!range) return;
    const from = firstAt(markers, Math.floor(range.from)), to = firstAt(markers, Math.ceil(range.to) + 1);
    const blocks = Math.max(1, Math.floor(byId("chart").clientWidth / BLOCK_PIXELS));
    const isCarpet = to - from > 2 * blocks, seen = markers.slice(from, to);
    const size = Math.max(1, Math.ceil((range.to - range.from) / blocks));
    pins.setMarkers(isCarpet ? clustered(seen, size, times, palette) : seen.map(({ kind, marker }) => ({ ...marker, color: palette[STYLES[kind][2]] })));
    const key = byId("key");
    key.replaceChildren();
    if (isCarpet) key.append(element("span", "▲ entries and ● exits of a stretch, counted; zoom in to see each."));
    else for (const kind of kindsSeen) {
      const item = element("span"), sign = element("i", SIGNS[STYLES[kind][1]]);
      sign.style.color = `var(--${STYLES[kind][2]})`;
      item.append(sign, kind);
      key.append(item);
    }
    if (!markers.length) key.append(element("span", "No entries or exits in this range."));
    const minutes = drawn.bucket_ms / 60000;
    if (drawn.bucket_ms > drawn.exec_ms) key.append(element("span", `One candle is ${minutes < 60 ? minutes + " minutes" : minutes / 60 + " hours"}.`));
  };
  let pending = 0;
  chart.timeScale().subscribeVisibleLogicalRangeChange(() => {
    cancelAnimationFrame(pending);
    pending = requestAnimationFrame(showMarkers);
  });

  const legend = byId("legend");
  const showLegend = (i) => {
    legend.replaceChildren();
    const said = [["", moment(times[i])], ["O", fixed(drawn.open[i], priceDigits)], ["H", fixed(drawn.high[i], priceDigits)],
      ["L", fixed(drawn.low[i], priceDigits)], ["C", fixed(drawn.close[i], priceDigits)],
      ["equity", fixed(drawn.equity[i], 2)], ["buy and hold", fixed(drawn.benchmark[i], 2)], ["drawdown", fixed(drawn.drawdown[i], depthPlaces) + "%"]];
    for (const [name, value] of said) {
      const item = element("span", name ? name + " " : "");
      item.append(element("b", value));
      legend.append(item);
    }
  };
  chart.subscribeCrosshairMove((event) => {
    const i = event.logical;
    showLegend(i === undefined || i < 0 || i >= times.length ? times.length - 1 : Math.round(i));
  });
  showLegend(times.length - 1);
  // With a margin, so that the first and last labels of the time scale are not cut. The whole range stays whole when the
  // chart changes its width, as it does once its price labels are measured.
  let isWhole = true;
  const showAll = () => {
    isWhole = true;
    const margin = times.length * Math.max(0.02, 30 / (chart.timeScale().width() || 300));
    chart.timeScale().setVisibleLogicalRange({ from: -margin - 1, to: times.length + margin });
  };
  for (const name of ["wheel", "pointerdown", "touchstart"]) byId("chart").addEventListener(name, () => { isWhole = false; }, { passive: true, capture: true });
  chart.timeScale().subscribeSizeChange(() => isWhole && showAll());
  byId("show-all").onclick = showAll;
  paint();
  showAll();
  showMarkers();

  // -- trades
  const PAGE = 1000, ALL_AT_ONCE = 5000;
  const listed = columns.side.length;
  const pageSize = listed <= ALL_AT_ONCE ? ALL_AT_ONCE : PAGE;
  let order = Array.from({ length: listed }, (_, i) => i);
  let page = 0, sortedBy = "number", isDescending = false, chosen = -1;
  const HEADS = [
    ["number", "#", 1], ["side", "Side"], ["entry_time", "Entry (UTC)"], ["entry_price", "Entry price", 1], ["exit_time", "Exit (UTC)"],
    ["exit_price", "Exit price", 1], ["qty", "Quantity", 1], ["net", "Profit", 1], ["return", "Return", 1], ["mae", "MAE", 1], ["mfe", "MFE", 1], ["fees", "Fees", 1],
    ["bars", "Bars", 1], ["entry_by", "Entered by"], ["exit_by", "Ended by"],
  ];
  const CELLS = {
    side: (i) => columns.side[i] ? "long" : "short",
    entry_time: (i) => moment(columns.entry_time[i]),
    exit_time: (i) => moment(columns.exit_time[i]),
    entry_price: (i) => fixed(columns.entry_price[i], digits.price),
    exit_price: (i) => fixed(columns.exit_price[i], digits.price),
    qty: (i) => fixed(columns.qty[i], digits.qty),
    net: (i) => fixed(columns.net[i], digits.money),
    return: (i) => fixed(columns.return[i], 3) + "%",
    mae: (i) => fixed(columns.mae[i], 2) + "%",
    mfe: (i) => fixed(columns.mfe[i], 2) + "%",
    fees: (i) => fixed(columns.fees[i], digits.money),
    bars: (i) => fixed(columns.bars[i], 0),
    entry_by: (i) => trades.names[columns.entry_by[i]].replaceAll("_", " "),
    exit_by: (i) => trades.names[columns.exit_by[i]].replaceAll("_", " "),
  };

  // One trade at a time: by the buttons, a row of the table, the main chart, or the address (#trade=7). The trade that is
  // open at the end has the number after the last round trip, and no row.
  const { holding } = trades;
  const count = listed + (holding ? 1 : 0);
  const at = (place) => (place < listed ? place : trades.total);
  const factsOf = (i) => {
    if (i < listed) return Object.fromEntries(Object.keys(CELLS).map((name) => [name, CELLS[name](i)]));
    return {
      side: holding.side ? "long" : "short", entry_time: moment(holding.entry_time), entry_price: fixed(holding.entry_price, digits.price),
      qty: fixed(holding.qty, digits.qty), entry_by: holding.entry_by.replaceAll("_", " "), last: fixed(holding.last_price, digits.price),
      gross: fixed(holding.gross, digits.money),
    };
  };
  const fact = (name, value, tone) => {
    const item = element("span", name + " ");
    item.append(element("b", value, tone));
    return item;
  };
  const showFacts = (i, { steps, entries } = {}) => {
    const said = factsOf(i), isOpen = i >= listed, last = steps?.[steps.length - 1];
    const level = (price) => (price === null || price === undefined ? "none" : fixed(price, digits.price));
    byId("trade-title").textContent = `Trade ${fixed(i + 1, 0)} of ${fixed(trades.total + (holding ? 1 : 0), 0)}: ${said.side} ${said.qty}${isOpen ? ", open at the end" : ""}`;
    const levels = steps ? [fact("stop-loss", level(last?.stop)), fact("take-profit", level(last?.target))] : [];
    const gain = isOpen ? holding.gross : columns.net[i], tone = gain > 0 ? "good" : gain < 0 ? "bad" : "";
    const end = isOpen ? [fact("last close", said.last), fact("before fees", said.gross, tone)]
      : [fact("exit", said.exit_price), fact(`at ${said.exit_time} by`, said.exit_by), fact("profit", `${said.net} (${said.return})`, tone)];
    byId("trade-facts").replaceChildren(fact(entries > 1 ? "average entry" : "entry", said.entry_price), fact(`at ${said.entry_time} by`, said.entry_by), ...levels, ...end);
  };
  const showNote = (i, row) => {
    const said = [];
    if (!row) said.push(`This trade is highlighted on the candles below. ${own.note}`);
    else if (row[0][row[0].length - 1]) said.push(`A long trade: its first and its last ${own.ends} bars are shown; ${fixed(row[0][row[0].length - 1], 0)} bars between them are left out.`);
    byId("trade-note").textContent = said.join(" ");
  };
  const markRow = () => {
    let found = null;
    for (const row of document.querySelectorAll("#trades tbody tr")) {
      const isChosen = Number(row.dataset.trade) === chosen;
      row.classList.toggle("chosen", isChosen);
      row.ariaCurrent = String(isChosen);
      if (isChosen) found = row;
    }
    const box = byId("trades");
    if (found) box.scrollTop = found.offsetTop - (box.clientHeight - found.offsetHeight) / 2;
  };
  const choose = (i) => {
    chosen = i;
    const isOpen = i >= listed, row = own.trades[i];
    const from = isOpen ? holding.entry_bucket : columns.entry_bucket[i], to = isOpen ? times.length - 1 : columns.exit_bucket[i];
    byId("trade").hidden = false;
    byId("trade-chart").hidden = byId("trade-legend").hidden = byId("trade-key").hidden = !row;
    if (!row) detail.hide();
    showFacts(i, row && detail.show(row, { entry: isOpen ? holding.entry_price : columns.entry_price[i], isOpen }));
    showNote(i, row);
    highlight.show({ from, to });
    if (!row) {
      isWhole = false;
      const margin = Math.max(40, to - from);
      chart.timeScale().setVisibleLogicalRange({ from: from - margin, to: to + margin });
    } else if (!isWhole) {
      const seen = chart.timeScale().getVisibleLogicalRange(), half = (seen.to - seen.from) / 2, middle = (from + to) / 2;
      if (from < seen.from || to > seen.to) chart.timeScale().setVisibleLogicalRange({ from: middle - half, to: middle + half });
    }
    const place = order.indexOf(i);
    if (place >= 0 && Math.floor(place / pageSize) !== page) { page = Math.floor(place / pageSize); showTrades(); }
    markRow();
    showPlace();
    history.replaceState(null, "", `#trade=${i + 1}`);
  };
  const showPlace = () => {
    const place = chosen < 0 ? -1 : Math.min(chosen, listed);
    byId("place").textContent = chosen < 0 ? "" : `${fixed(chosen + 1, 0)} of ${fixed(trades.total + (holding ? 1 : 0), 0)}`;
    byId("previous-trade").disabled = count === 0 || place === 0;
    byId("next-trade").disabled = count === 0 || place >= count - 1;
  };
  const jump = (i) => { choose(i); byId("h-chart").scrollIntoView({ block: "start" }); };
  byId("previous-trade").onclick = () => choose(at(chosen < 0 ? count - 1 : Math.min(chosen, listed) - 1));
  byId("next-trade").onclick = () => choose(at(chosen < 0 ? 0 : Math.min(chosen, listed) + 1));
  byId("close-trade").onclick = () => {
    chosen = -1;
    byId("trade").hidden = true;
    detail.hide();
    highlight.show(null);
    markRow();
    showPlace();
    history.replaceState(null, "", location.pathname + location.search);
  };
  const showAddress = () => {
    const number = /^#trade=(\d{1,9})$/.exec(location.hash)?.[1], i = number - 1;
    if (i >= 0 && (i < listed || (holding && i === trades.total))) jump(i);
    else if (number) byId("place").textContent = `There is no trade ${fixed(number, 0)} on this page.`;
  };
  addEventListener("hashchange", showAddress);
  // A click on the chart: the trade that is nearest, at most a few pixels away.
  chart.subscribeClick((event) => {
    const range = chart.timeScale().getVisibleLogicalRange();
    if (event.logical === undefined || event.paneIndex || !range) return;
    const reach = (12 * (range.to - range.from)) / byId("chart").clientWidth;
    let best = -1, nearest = reach;
    for (let place = 0; place < count; place++) {
      const from = place < listed ? columns.entry_bucket[place] : holding.entry_bucket, to = place < listed ? columns.exit_bucket[place] : times.length - 1;
      const away = Math.max(0, from - event.logical, event.logical - to);
      if (away < nearest || (away === 0 && best < 0)) { nearest = away; best = at(place); }
    }
    if (best >= 0) choose(best);
  });
  if (holding) {
    const button = element("button", "Show on the chart");
    button.type = "button";
    button.onclick = () => jump(trades.total);
    byId("h-open").after(button);
  }
  showPlace();

  const row = (i) => {
    const made = element("tr", undefined, i === chosen ? "chosen" : "");
    made.dataset.trade = i;
    made.onclick = () => { if (!getSelection().toString()) jump(i); };
    for (const [name, , isNumber] of HEADS) {
      if (name === "number") {
        const cell = element("td", undefined, "n"), button = element("button", String(i + 1));
        button.type = "button";
        button.title = "Show on the chart";
        cell.append(button);
        made.append(cell);
        continue;
      }
      const tone = name === "net" || name === "return" ? (columns.net[i] > 0 ? " good" : columns.net[i] < 0 ? " bad" : "") : "";
      made.append(element("td", CELLS[name](i), (isNumber ? "n" : "") + tone));
    }
    return made;
  };
  const sortBy = (name) => {
    isDescending = sortedBy === name && !isDescending;
    sortedBy = name;
    const key = name === "number" ? (i) => i : name.endsWith("_by") ? CELLS[name] : (i) => columns[name][i];
    order.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a - b) * (isDescending ? -1 : 1));
    page = 0;
    showTrades();
  };
  const showTrades = () => {
    const table = element("table"), head = element("tr"), body = element("tbody");
    for (const [name, title, isNumber] of HEADS) {
      const cell = element("th", undefined, isNumber ? "n" : ""), button = element("button", title);
      cell.scope = "col";
      button.type = "button";
      button.onclick = () => sortBy(name);
      if (name === sortedBy) cell.ariaSort = isDescending ? "descending" : "ascending";
      cell.append(button);
      head.append(cell);
    }
    for (const i of order.slice(page * pageSize, (page + 1) * pageSize)) body.append(row(i));
    const top = element("thead");
    top.append(head);
    table.append(top, body);
    byId("trades").replaceChildren(table);
    byId("trades").scrollTop = 0;
    showPager();
  };
  const showPager = () => {
    const pages = Math.ceil(listed / pageSize), pager = byId("pager");
    pager.replaceChildren();
    if (pages < 2) return;
    const turn = (label, target, isOff) => {
      const button = element("button", label);
      button.type = "button";
      button.disabled = isOff;
      button.onclick = () => { page = target; showTrades(); };
      return button;
    };
    const said = element("span", `${fixed(page * pageSize + 1, 0)} to ${fixed(Math.min(listed, (page + 1) * pageSize), 0)} of ${fixed(listed, 0)}`);
    pager.append(turn("‹‹", 0, page === 0), turn("‹", page - 1, page === 0), said, turn("›", page + 1, page === pages - 1), turn("››", pages - 1, page === pages - 1));
  };
  const note = byId("trades-note");
  if (trades.total === 0) {
    note.textContent = "The position never returned to zero in this range: there is no round trip to list.";
    byId("trades").remove();
  } else {
    const said = trades.total > listed ? [`The first ${fixed(listed, 0)} of ${fixed(trades.total, 0)} round trips are listed here; fills.csv holds the executions of all of them.`] : [];
    said.push("Profit and return are after fees, the largest adverse and favourable excursions (MAE, MFE) before them, all in per cent of the value entered. A row shows its trade on the chart, a heading sorts.");
    if (own.note) said.push(own.note);
    note.textContent = said.join(" ");
    showTrades();
  }
  showAddress();
})();
