"use strict";
// The chart of one trade: the card's own bars around it, the levels it had, and its fills.

// Behind the candles: the trade's span, the money at risk and the money aimed at, and the lines of its levels.
class TradeZones {
  constructor(palette) {
    this.palette = palette;
    this.shown = null;
  }
  show(shown) {
    this.shown = shown;
    this.update?.();
  }
  attached({ chart, series, requestUpdate }) {
    Object.assign(this, { chart, series, update: requestUpdate });
  }
  autoscaleInfo() {
    const prices = this.shown?.prices;
    return prices?.length ? { priceRange: { minValue: Math.min(...prices), maxValue: Math.max(...prices) } } : null;
  }
  paneViews() {
    return [
      { zOrder: () => "bottom", renderer: () => ({ draw: (target) => this.draw(target, (...all) => this.areas(...all)) }) },
      { zOrder: () => "top", renderer: () => ({ draw: (target) => this.draw(target, (...all) => this.lines(...all)) }) },
    ];
  }
  draw(target, part) {
    if (!this.shown) return;
    target.useBitmapCoordinateSpace(({ context, bitmapSize, horizontalPixelRatio: across, verticalPixelRatio: down }) => {
      const scale = this.chart.timeScale();
      const half = Math.max(1.5, scale.options().barSpacing / 2);
      const left = (i) => (scale.logicalToCoordinate(i) - half) * across, right = (i) => (scale.logicalToCoordinate(i) + half) * across;
      const level = (price) => this.series.priceToCoordinate(price) * down;
      context.save();
      part({ context, left, right, level, height: bitmapSize.height, across, down });
      context.restore();
    });
  }
  areas({ context, left, right, level, height, across }) {
    const { from, to, entry, steps, gap } = this.shown, palette = this.palette();
    const fill = (x, y, width, tall, color) => {
      context.fillStyle = color;
      context.fillRect(x, y, width, tall);
    };
    const span = right(to) - left(from), isSliver = span < 40 * across;
    fill(left(from), 0, span, height, withAlpha(palette.span, entry !== undefined ? 0.07 : isSliver ? 0.3 : 0.12));
    for (const { start, end, stop, target } of steps ?? []) {
      const x = left(start), width = right(end) - x;
      if (stop !== null) fill(x, level(entry), width, level(stop) - level(entry), withAlpha(palette.bad, 0.14));
      if (target !== null) fill(x, level(entry), width, level(target) - level(entry), withAlpha(palette.good, 0.14));
    }
    if (!gap) return;
    const x = left(gap.from), width = right(gap.to) - x;
    fill(x, 0, width, height, withAlpha(palette.soft, 0.12));
    context.fillStyle = palette.soft;
    context.font = `${12 * across}px ${palette.font}`;
    context.textAlign = "center";
    context.fillText(gap.text, x + width / 2, height - 10 * across);
  }
  lines({ context, left, right, level, across, down }) {
    const { from, to, entry, steps, dots } = this.shown, palette = this.palette();
    if (entry === undefined) return;
    const line = (start, end, price, color, dash) => {
      context.strokeStyle = color;
      context.lineWidth = Math.max(1, Math.round(1.5 * down));
      context.setLineDash(dash.map((length) => length * across));
      context.beginPath();
      context.moveTo(left(start), level(price));
      context.lineTo(right(end), level(price));
      context.stroke();
    };
    line(from, to, entry, palette.span, []);
    for (const { start, end, stop, target } of steps) {
      if (stop !== null) line(start, end, stop, palette.bad, [5, 3]);
      if (target !== null) line(start, end, target, palette.good, [5, 3]);
    }
    context.setLineDash([]);
    for (const { at, price, color } of dots) { // the very price of each fill
      context.beginPath();
      context.arc((left(at) + right(at)) / 2, level(price), 3.5 * across, 0, 2 * Math.PI);
      context.fillStyle = palette.paper;
      context.strokeStyle = color;
      context.lineWidth = 2 * across;
      context.fill();
      context.stroke();
    }
    context.font = `${12 * across}px ${palette.font}`;
    context.textBaseline = "middle";
    context.lineWidth = 4 * across;
    context.strokeStyle = palette.paper; // a halo, so that the words can be read on candles
    for (const { at, price, color, text, isEntry } of dots) { // entries are named on the left of their bar, exits on the right
      const x = isEntry ? left(at) - 6 * across : right(at) + 6 * across;
      context.textAlign = isEntry ? "right" : "left";
      context.fillStyle = color;
      context.strokeText(text, x, level(price));
      context.fillText(text, x, level(price));
    }
  }
}

// `look` gives the palette and the options of a chart in the page's colours; it is asked again when they change.
const tradeChart = ({ bars, kinds, look, digits, priceDigits, timeVisible }) => {
  const LC = window.LightweightCharts, BREAK = 9, BEFORE = 36, LABEL = 64, MOST_NAMES = 12;
  const isNarrow = () => byId("trade-chart").clientWidth < 500;
  let chart, candles, zones, priceLines = [], shown = null, isFitted = true;

  const build = () => {
    chart = LC.createChart(byId("trade-chart"), {
      autoSize: true,
      layout: { fontSize: 12, fontFamily: getComputedStyle(document.body).fontFamily, attributionLogo: false },
      rightPriceScale: { minimumWidth: 84, entireTextOnly: true, scaleMargins: { top: 0.12, bottom: 0.12 } },
      timeScale: { timeVisible, secondsVisible: false, lockVisibleTimeRangeOnResize: true },
      handleScroll: { vertTouchDrag: false },
      crosshair: { mode: LC.CrosshairMode.Normal },
    });
    candles = chart.addSeries(LC.CandlestickSeries, {
      priceLineVisible: false, lastValueVisible: false,
      priceFormat: { type: "custom", minMove: 10 ** -priceDigits, formatter: (value) => fixed(value, priceDigits) },
    });
    zones = new TradeZones(() => look().palette);
    candles.attachPrimitive(zones);
    chart.subscribeCrosshairMove((event) => showLegend(event.logical));
    chart.timeScale().subscribeSizeChange(fit);
    for (const name of ["wheel", "pointerdown", "touchstart"]) byId("trade-chart").addEventListener(name, () => { isFitted = false; }, { passive: true, capture: true });
  };
  // At first the trade and a part of what is around it: more before than after it, for that is what it was decided on.
  const fit = () => {
    if (!shown || !isFitted) return;
    const around = Math.max(BEFORE, shown.to - shown.from);
    const from = Math.max(-1, shown.from - around), to = Math.min(shown.points.length, shown.to + around / 2);
    const width = chart.timeScale().width() || 600, room = isNarrow() ? 8 : LABEL; // for the names of the levels
    chart.timeScale().setVisibleLogicalRange({ from, to: to + ((to - from) * room) / (width - room) });
  };
  const showLegend = (logical) => {
    const point = shown?.points[logical === undefined ? -1 : Math.round(logical)];
    const said = point?.open === undefined ? [["", "Point at a bar for its prices."]]
      : [["", moment(point.time)], ...["open", "high", "low", "close"].map((name) => [name[0].toUpperCase(), fixed(point[name], priceDigits)])];
    byId("trade-legend").replaceChildren(...said.map(([name, value]) => {
      const item = element("span", name ? name + " " : "");
      item.append(point?.open === undefined ? value : element("b", value));
      return item;
    }));
  };

  // What a row of `own.trades` says, in places of this chart: the bars, with a break where a long trade is cut.
  const laid = (row, entry) => {
    const [ranges, fills, levels] = row, unit = 10 ** digits.price;
    const hidden = ranges[ranges.length - 1], [begin, end, tail, stop] = ranges.length > 3 ? ranges : [...ranges.slice(0, 2), ranges[1], ranges[1]];
    const points = [];
    const add = (i) => points.push({ time: bars.time[i], open: bars.open[i], high: bars.high[i], low: bars.low[i], close: bars.close[i] });
    for (let i = begin; i < end; i++) add(i);
    const head = end - begin;
    if (hidden) {
      const since = bars.time[end - 1], wide = bars.time[tail] - since;
      for (let i = 1; i <= BREAK; i++) points.push({ time: since + Math.floor((wide * i) / (BREAK + 1)) });
    }
    for (let i = tail; i < stop; i++) add(i);
    const place = (bar) => (bar < head ? bar : bar - (tail - begin) + head + (hidden ? BREAK : 0));
    const done = [];
    for (let i = 0; i < fills.length; i += 4) done.push({ at: place(fills[i]), kind: kinds[fills[i + 1]], count: fills[i + 2], price: fills[i + 3] / unit });
    return {
      points, done, hidden, head, entry,
      changes: Array.from({ length: levels.length / 3 }, (_, i) => ({
        start: place(levels[3 * i]), stop: levels[3 * i + 1] === null ? null : levels[3 * i + 1] / unit,
        target: levels[3 * i + 2] === null ? null : levels[3 * i + 2] / unit,
      })),
    };
  };
  const show = (row, { entry, isOpen }) => {
    shown = laid(row, entry);
    isFitted = true;
    if (!chart) build();
    const { points, done, changes } = shown;
    shown.from = done[0].at;
    shown.to = isOpen ? points.length - 1 : done[done.length - 1].at;
    shown.steps = changes.map((change, i) => ({ ...change, end: i + 1 < changes.length ? Math.max(change.start, changes[i + 1].start - 1) : shown.to }));
    candles.setData(points);
    candles.priceScale().applyOptions({ autoScale: true });
    paint();
    fit();
    requestAnimationFrame(fit);
    showLegend();
    return { steps: shown.steps, entries: done.reduce((sum, fill) => sum + (fill.kind.endsWith("entry") ? fill.count : 0), 0) };
  };
  const paint = () => {
    if (!chart) return;
    const { palette, options, candle } = look();
    chart.applyOptions(options);
    candles.applyOptions(candle);
    const { from, to, entry, steps, done, hidden, head } = shown, last = steps[steps.length - 1];
    const prices = [entry, ...done.map((fill) => fill.price), ...steps.flatMap(({ stop, target }) => [stop, target])].filter((price) => price !== null);
    const color = (kind) => palette[STYLES[kind][2]];
    const label = (kind, count) => {
      const name = done.length > MOST_NAMES ? "" : ` ${kind.split(" ")[1]}`;
      return SIGNS[STYLES[kind][1]] + name + (count > 1 ? ` × ${fixed(count, 0)}` : "");
    };
    zones.show({
      from, to, entry, steps, prices,
      dots: done.map(({ at, kind, count, price }) => ({ at, price, color: color(kind), text: label(kind, count), isEntry: kind.endsWith("entry") })),
      gap: hidden ? { from: head, to: head + BREAK - 1, text: `${fixed(hidden, 0)} bars` } : null,
    });
    for (const line of priceLines) candles.removePriceLine(line);
    const lines = [["entry", entry, palette.span], ["stop", last?.stop ?? null, palette.bad], ["target", last?.target ?? null, palette.good]];
    priceLines = lines.filter(([, price]) => price !== null).map(([title, price, tone]) => candles.createPriceLine({
      price, title: isNarrow() ? "" : title, color: withAlpha(tone, 0.55), axisLabelColor: tone, axisLabelTextColor: palette.paper, lineWidth: 1, lineStyle: LC.LineStyle.SparseDotted, axisLabelVisible: true,
    }));
  };
  const hide = () => { shown = null; zones?.show(null); };
  return { show, hide, paint: () => shown && paint() };
};
