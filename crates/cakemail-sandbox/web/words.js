// How statuses, sizes and texts are worded.

import { h } from './dom.js';

const KINDS = {
  submitted: 'Submitted',
  queued: 'Queued',
  delivered: 'Delivered',
  open: 'Opened',
  click: 'Clicked',
  unsubscribe: 'Unsubscribed',
  spam: 'Complained',
  soft_bounce: 'Soft bounce',
  hard_bounce: 'Bounced',
  rejected: 'Rejected',
  error: 'Error',
};

/// What can become of an email, in the order of its life.
export const kinds = Object.entries(KINDS);

export const kindWord = kind => KINDS[kind] ?? kind;

/// A state as a word with a colour.
export const chip = (tone, words, props) => h('span', { class: `chip ${tone}`, ...props }, words);

export const statusChip = kind => chip(`is-${KINDS[kind] ? kind : 'other'}`, kindWord(kind), { data: { status: kind } });

export function bytes(count) {
  if (count < 1024) return `${count} B`;
  const units = ['KiB', 'MiB', 'GiB'];
  let [size, at] = [count / 1024, 0];
  while (size >= 1024 && at < units.length - 1) [size, at] = [size / 1024, at + 1];
  return `${size.toFixed(size < 10 ? 1 : 0)} ${units[at]}`;
}

export const count = (number, one, many = `${one}s`) => `${number.toLocaleString('en')} ${number === 1 ? one : many}`;

/// JSON indented, anything else as it is.
export function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/// For a shell.
export const quoted = text => `'${String(text).replaceAll("'", "'\\''")}'`;
