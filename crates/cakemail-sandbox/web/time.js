// The sandbox's time: taken from its responses, and extrapolated between them.

import { h } from './dom.js';

let known = { time: Date.now(), pace: 1, at: performance.now() };

/// Adopts the clock state of a response.
export function syncClock(state) {
  known = { time: Date.parse(state.time), pace: state.pace, at: performance.now() };
  tick();
}

/// The sandbox's current time, in milliseconds since the epoch.
export const now = () => known.time + (performance.now() - known.at) * known.pace;

/// Milliseconds since the epoch. The control API writes ISO 8601, the Cakemail API seconds since the epoch.
const millis = time => (typeof time === 'number' ? time * 1000 : Date.parse(time));

/// `2026-01-31 12:34:56`, in UTC.
export const formatTime = time => new Date(time).toISOString().slice(0, 19).replace('T', ' ');

const UNITS = [['d', 86400], ['h', 3600], ['min', 60], ['s', 1]];

/// A duration in one unit, rounded down: `3 min`.
export function formatDuration(millis) {
  const seconds = Math.floor(millis / 1000);
  const [unit, size] = UNITS.find(([, size]) => seconds >= size) ?? UNITS.at(-1);
  return `${Math.floor(seconds / size)} ${unit}`;
}

function distance(time) {
  const since = now() - time;
  if (since < 0) return `in ${formatDuration(-since + 999)}`;
  return since < 1000 ? 'now' : since < 14 * 86_400_000 ? formatDuration(since) : formatTime(time).slice(0, 10);
}

/// An absolute time.
export const timestamp = iso => h('time', { datetime: new Date(millis(iso)).toISOString() }, `${formatTime(millis(iso))} UTC`);

/// A time relative to the sandbox's current time.
export function relativeTime(iso) {
  const time = millis(iso);
  return h('time', { datetime: new Date(time).toISOString(), title: `${formatTime(time)} UTC`, data: { time } }, distance(time));
}

/// Updates all relative times on the page.
function tick() {
  for (const node of document.querySelectorAll('time[data-time]')) {
    const text = distance(Number(node.dataset.time));
    if (node.textContent !== text) node.textContent = text;
  }
}

setInterval(() => document.hidden || tick(), 500);
