// Formats statuses, sizes and texts.

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

/// The kinds of events in an email's lifecycle, in order, with their labels.
export const eventKinds = Object.entries(KINDS);

export const kindLabel = kind => KINDS[kind] ?? kind;

/// A coloured label.
export const chip = (tone, label, props) => h('span', { class: `chip ${tone}`, ...props }, label);

export const statusChip = kind => chip(`is-${KINDS[kind] ? kind : 'other'}`, kindLabel(kind), { data: { status: kind } });

export function formatBytes(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  const units = ['KiB', 'MiB', 'GiB'];
  let [size, at] = [bytes / 1024, 0];
  while (size >= 1024 && at < units.length - 1) [size, at] = [size / 1024, at + 1];
  return `${size.toFixed(size < 10 ? 1 : 0)} ${units[at]}`;
}

export const plural = (number, one, many = `${one}s`) => `${number.toLocaleString('en')} ${number === 1 ? one : many}`;

/// Indents JSON; returns any other text unchanged.
export function prettyJson(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/// Quotes a text for a POSIX shell.
export const shellQuote = text => `'${String(text).replaceAll("'", "'\\''")}'`;
