"use strict";
// What both charts and the trade list share: numbers and times as in the rest of the report, marker styles, own bars.
const MINUS = "\u2212";
const byId = (id) => document.getElementById(id);
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

// Of each marker: its place, its shape and the page's variable of its colour.
const STYLES = {
  "long entry": ["belowBar", "arrowUp", "long"],
  "short entry": ["aboveBar", "arrowDown", "short"],
  "long exit": ["aboveBar", "circle", "exit"],
  "short exit": ["belowBar", "circle", "exit"],
  "long stop": ["aboveBar", "square", "bad"],
  "short stop": ["belowBar", "square", "bad"],
  "long target": ["aboveBar", "square", "good"],
  "short target": ["belowBar", "square", "good"],
};
const SIGNS = { arrowUp: "▲", arrowDown: "▼", circle: "●", square: "■" };

// Own bars from their differences (windows.py says how they are written); those of the main chart where it holds all.
const ownBars = (encoded, drawn, times, digits) => {
  if (!encoded) return { time: times, open: drawn.open, high: drawn.high, low: drawn.low, close: drawn.close };
  const unit = 10 ** digits, bars = { time: [], open: [], high: [], low: [], close: [] };
  const jumps = new Map();
  for (let i = 0; i < encoded.jumps.length; i += 2) jumps.set(encoded.jumps[i], encoded.jumps[i + 1]);
  let time = encoded.first_ms - encoded.step_ms, last = 0;
  for (let i = 0; i < encoded.open.length; i++) {
    time += encoded.step_ms + (jumps.get(i) ?? 0);
    const open = last + encoded.open[i], close = open + encoded.close[i];
    bars.time.push(Math.floor(time / 1000));
    bars.open.push(open / unit);
    bars.high.push((Math.max(open, close) + encoded.high[i]) / unit);
    bars.low.push((Math.min(open, close) - encoded.low[i]) / unit);
    bars.close.push(close / unit);
    last = close;
  }
  return bars;
};

const withAlpha = (hex, alpha) => hex + Math.round(alpha * 255).toString(16).padStart(2, "0");

// The first of the markers in or after a bucket; they stand in the order of their buckets.
const firstAt = (markers, bucket) => {
  let low = 0, high = markers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (markers[middle].bucket < bucket) low = middle + 1; else high = middle;
  }
  return low;
};
// One marker for the entries and one for the exits of every `size` buckets, with their number.
const clustered = (seen, size, times, palette) => {
  const groups = new Map();
  for (const { bucket, kind, count } of seen) {
    const isEntry = kind.endsWith("entry"), block = Math.floor(bucket / size);
    const key = 2 * block + isEntry, group = groups.get(key);
    if (group) { group.count += count; group.last = bucket; } else groups.set(key, { isEntry, count, first: bucket, last: bucket });
  }
  return [...groups.values()].map(({ isEntry, count, first, last }) => ({
    time: times[Math.round((first + last) / 2)], position: isEntry ? "belowBar" : "aboveBar",
    shape: isEntry ? "arrowUp" : "circle", color: palette[isEntry ? "long" : "exit"], text: String(count),
  })).sort((a, b) => a.time - b.time);
};
