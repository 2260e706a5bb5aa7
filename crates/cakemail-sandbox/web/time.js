// The sandbox's time: known from its answers, carried on here between them.

import { h } from './dom.js';

let known = { time: Date.now(), pace: 1, at: performance.now() };

/// Takes over what the sandbox says its time is.
export function tell(state) {
  known = { time: Date.parse(state.time), pace: state.pace, at: performance.now() };
  tick();
}

/// The sandbox's present, in milliseconds since the epoch.
export const now = () => known.time + (performance.now() - known.at) * known.pace;

/// The control API writes ISO 8601, the API itself seconds since the epoch.
const millis = time => (typeof time === 'number' ? time * 1000 : Date.parse(time));

/// `2026-01-31 12:34:56`, in UTC.
export const exact = time => new Date(time).toISOString().slice(0, 19).replace('T', ' ');

const UNITS = [['d', 86400], ['h', 3600], ['min', 60], ['s', 1]];

/// `3 min`: as one unit, rounded down.
export function span(millis) {
  const seconds = Math.floor(millis / 1000);
  const [unit, size] = UNITS.find(([, size]) => seconds >= size) ?? UNITS.at(-1);
  return `${Math.floor(seconds / size)} ${unit}`;
}

function distance(time) {
  const since = now() - time;
  if (since < 0) return `in ${span(-since + 999)}`;
  return since < 1000 ? 'now' : since < 14 * 86_400_000 ? span(since) : exact(time).slice(0, 10);
}

/// A time, in full.
export const moment = iso => h('time', { datetime: new Date(millis(iso)).toISOString() }, `${exact(millis(iso))} UTC`);

/// A time, worded by its distance from the sandbox's present.
export function age(iso) {
  const time = millis(iso);
  return h('time', { datetime: new Date(time).toISOString(), title: `${exact(time)} UTC`, data: { time } }, distance(time));
}

/// Words all times that are shown anew.
function tick() {
  for (const node of document.querySelectorAll('time[data-time]')) {
    const words = distance(Number(node.dataset.time));
    if (node.textContent !== words) node.textContent = words;
  }
}

setInterval(() => document.hidden || tick(), 500);
