"use strict";
(() => {
  const { chart: drawn, trades } = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const columns = trades.columns;
  const digits = trades.digits;
  const MINUS = "\u2212";
  const BLOCK_PIXELS = 28; // room for one cluster of markers with its count

  // -- numbers and times, as in the rest of the report
  const formats = {};
  const fixed = (value, places) => {
    const format = formats[places] ??= new Intl.NumberFormat("en-US", { minimumFractionDigits: places, maximumFractionDigits: places });
    const text = format.format(Math.abs(value));
    return (value < 0 && /[1-9]/.test(text) ? MINUS : "") + text;
  };
  const moment = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ");
  const element = (tag, text, className) => {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  };

  // -- chart
  const times = [];
  drawn.time.reduce((sum, step) => { times.push(sum + step); return sum + step; }, 0);
  const STYLES = {
    "long entry": ["belowBar", "arrowUp", "#2b5c8a"],
    "short entry": ["aboveBar", "arrowDown", "#8a4f9e"],
    "long exit": ["aboveBar", "circle", "#7a8696"],
    "short exit": ["belowBar", "circle", "#7a8696"],
    "long stop": ["aboveBar", "square", "#b3382c"],
    "short stop": ["belowBar", "square", "#b3382c"],
    "long target": ["aboveBar", "square", "#1a7f5a"],
    "short target": ["belowBar", "square", "#1a7f5a"],
  };
  const SIGNS = { arrowUp: "▲", arrowDown: "▼", circle: "●", square: "■" };
  const markers = [];
  const kindsSeen = [];
  for (let i = 0; i < drawn.markers.length; i += 3) {
    const kind = drawn.marker_kinds[drawn.markers[i + 1]];
    const [position, shape, color] = STYLES[kind];
    const count = drawn.markers[i + 2];
    if (!kindsSeen.includes(kind)) kindsSeen.push(kind);
    markers.push({ bucket: drawn.markers[i], kind, count, marker: { time: times[drawn.markers[i]], position, shape, color, text: count > 1 ? String(count) : undefined } });
  }
  const LC = window.LightweightCharts;
  const smallPrice = Math.max(...drawn.close.slice(0, 100)) || 1;
  const priceDigits = Math.min(digits.price, smallPrice >= 1000 ? 2 : 8);
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const chart = LC.createChart(byId("chart"), {
    autoSize: true,
    layout: { fontSize: 12, fontFamily: getComputedStyle(document.body).fontFamily, attributionLogo: false },
    rightPriceScale: { minimumWidth: 84, entireTextOnly: true },
    timeScale: { timeVisible: drawn.bucket_ms < 86400000, secondsVisible: false, minBarSpacing: 0.005 },
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
    color: "#a3abb5", lineWidth: 1, priceLineVisible: false, lastValueVisible: false,
    priceFormat: { type: "custom", minMove: 0.01, formatter: (value) => fixed(value, equityPlaces) },
  }, 1);
  held.setData(times.map((time, i) => ({ time, value: drawn.benchmark[i] })));
  equity.setData(times.map((time, i) => ({ time, value: drawn.equity[i] })));
  const deepest = drawn.drawdown.reduce((a, b) => Math.min(a, b), 0);
  const depthPlaces = deepest > -0.1 ? 4 : 2;
  const depth = chart.addSeries(LC.BaselineSeries, {
    baseValue: { type: "price", price: 0 }, lineWidth: 1, priceLineVisible: false, lastValueVisible: false,
    bottomLineColor: "#b3382c", bottomFillColor1: "rgba(179,56,44,.08)", bottomFillColor2: "rgba(179,56,44,.28)",
    topLineColor: "#b3382c", priceFormat: { type: "custom", minMove: 0.0001, formatter: (value) => (value > 1e-9 ? "" : fixed(value, depthPlaces) + "%") },
  }, 2);
  // Room above the lines for the names of the panes.
  equity.priceScale().applyOptions({ scaleMargins: { top: 0.24, bottom: 0.08 } });
  depth.priceScale().applyOptions({ scaleMargins: { top: 0.3, bottom: 0.08 } });
  depth.setData(times.map((time, i) => ({ time, value: drawn.drawdown[i] })));
  if (drawn.rolling.length) {
    const rolling = chart.addSeries(LC.LineSeries, {
      color: "#8a6d1f", lineWidth: 1, priceLineVisible: false, lastValueVisible: false,
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
  const paint = () => {
    const soft = colour("soft"), line = colour("line"), grid = { color: colour("grid") };
    chart.applyOptions({
      layout: { background: { color: colour("paper") }, textColor: soft, panes: { separatorColor: line } },
      grid: { vertLines: grid, horzLines: grid },
      rightPriceScale: { borderColor: line },
      timeScale: { borderColor: line },
    });
    candles.applyOptions({
      upColor: colour("paper"), downColor: soft, borderUpColor: soft, borderDownColor: soft, wickUpColor: soft, wickDownColor: soft,
    });
    equity.applyOptions({ color: colour("accent") });
    for (const [title, text] of titles) title.applyOptions({ lines: [{ text, color: soft, fontSize: 12 }] });
  };
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
  const firstAt = (bucket) => {
    let low = 0, high = markers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (markers[middle].bucket < bucket) low = middle + 1; else high = middle;
    }
    return low;
  };
  const clustered = (seen, size) => {
    const groups = new Map();
    for (const { bucket, kind, count } of seen) {
      const isEntry = kind.endsWith("entry"), block = Math.floor(bucket / size);
      const key = 2 * block + isEntry, group = groups.get(key);
      if (group) { group.count += count; group.last = bucket; } else groups.set(key, { isEntry, count, first: bucket, last: bucket });
    }
    return [...groups.values()].map(({ isEntry, count, first, last }) => ({
      time: times[Math.round((first + last) / 2)], position: isEntry ? "belowBar" : "aboveBar",
      shape: isEntry ? "arrowUp" : "circle", color: colour(isEntry ? "accent" : "soft"), text: String(count),
    })).sort((a, b) => a.time - b.time);
  };
  const showMarkers = () => {
    const range = chart.timeScale().getVisibleLogicalRange();
    if (!range) return;
    const from = firstAt(Math.floor(range.from)), to = firstAt(Math.ceil(range.to) + 1);
    const blocks = Math.max(1, Math.floor(byId("chart").clientWidth / BLOCK_PIXELS));
    const isCarpet = to - from > 2 * blocks, seen = markers.slice(from, to);
    const size = Math.max(1, Math.ceil((range.to - range.from) / blocks));
    pins.setMarkers(isCarpet ? clustered(seen, size) : seen.map((entry) => entry.marker));
    const key = byId("key");
    key.replaceChildren();
    if (isCarpet) key.append(element("span", "▲ entries and ● exits of a stretch, counted; zoom in to see each."));
    else for (const kind of kindsSeen) {
      const item = element("span"), sign = element("i", SIGNS[STYLES[kind][1]]);
      sign.style.color = STYLES[kind][2];
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
  // With a margin, so that the first and last labels of the time scale are not cut.
  const showAll = () => {
    const margin = times.length * Math.max(0.02, 24 / byId("chart").clientWidth);
    chart.timeScale().setVisibleLogicalRange({ from: -margin - 1, to: times.length + margin });
  };
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

  const choose = (i) => {
    chosen = i;
    const from = columns.entry_bucket[i], to = columns.exit_bucket[i];
    const margin = Math.max(40, to - from);
    chart.timeScale().setVisibleLogicalRange({ from: from - margin, to: to + margin });
    for (const row of document.querySelectorAll("#trades tbody tr")) row.classList.toggle("chosen", Number(row.dataset.trade) === i);
    byId("place").textContent = `${fixed(i + 1, 0)} of ${fixed(listed, 0)}`;
    byId("previous-trade").disabled = i <= 0;
    byId("next-trade").disabled = i >= listed - 1;
  };
  byId("previous-trade").onclick = () => choose(chosen < 0 ? listed - 1 : Math.max(0, chosen - 1));
  byId("next-trade").onclick = () => choose(Math.min(listed - 1, chosen + 1));
  byId("previous-trade").disabled = byId("next-trade").disabled = listed === 0;

  const row = (i) => {
    const made = element("tr", undefined, i === chosen ? "chosen" : "");
    made.dataset.trade = i;
    for (const [name, , isNumber] of HEADS) {
      if (name === "number") {
        const cell = element("td", undefined, "n"), button = element("button", String(i + 1));
        button.type = "button";
        button.title = "Show on the chart";
        button.onclick = () => { choose(i); byId("h-chart").scrollIntoView({ block: "start" }); };
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
    if (trades.total > listed) note.textContent = `The first ${fixed(listed, 0)} of ${fixed(trades.total, 0)} round trips are listed here; fills.csv holds the executions of all of them.`;
    else note.textContent = "Profit and return are after fees, the largest adverse and favourable excursions (MAE, MFE) before them, all in per cent of the value entered. A number shows its trade on the chart, a heading sorts.";
    showTrades();
  }
})();
