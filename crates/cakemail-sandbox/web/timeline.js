// An email's timeline: past and planned events, and buttons to trigger an event.

import { control } from './api.js';
import { button, h, keyed } from './dom.js';
import { kindLabel } from './format.js';
import { relativeTime } from './time.js';

/// Kind, label, key.
const ACTIONS = [
  ['deliver', 'Deliver', 'd'], ['open', 'Open', 'o'], ['click', 'Click', 'c'], ['soft_bounce', 'Soft bounce', 's'],
  ['hard_bounce', 'Bounce', 'b'], ['complain', 'Complain', 'm'], ['unsubscribe', 'Unsubscribe', 'u'],
];

export function timeline() {
  let [id, links] = [null, []];
  const list = h('ol', { class: 'events', id: 'timeline' });
  const message = h('p', { class: 'error', role: 'alert', hidden: true });
  const linkMenu = h('div', { class: 'popover' });
  const choice = h('details', { class: 'menu', id: 'links' }, h('summary', { hidden: true }), linkMenu);
  const buttons = h('div', { class: 'event-buttons', role: 'group', 'aria-label': 'Trigger an event' },
    ACTIONS.map(([kind, label, key]) => button(label, event => {
      event.stopPropagation();
      trigger(kind);
    }, { data: { kind }, title: `${label} (${key})` })), choice);

  /// A click needs a link: the user selects one when there are several.
  function trigger(kind) {
    if (kind !== 'click' || links.length < 2) return addEvent(kind, kind === 'click' && links.length ? 0 : undefined);
    choice.open = !choice.open;
    if (choice.open) linkMenu.querySelector('button').focus();
  }

  async function addEvent(kind, link) {
    message.hidden = true;
    try {
      await control('POST', `messages/${id}/events`, { body: { kind, link } });
    } catch (error) {
      message.textContent = error.message;
      message.hidden = false;
    }
  }

  function show(details) {
    id = details.message.id;
    links = details.links;
    const past = details.events.map(it => ({ ...it, key: it.id }));
    const planned = details.planned.map((it, at) => ({ ...it, key: `planned-${at}-${it.kind}`, planned: true }));
    keyed(list, [...past, ...planned], it => it.key, event);
    keyed(linkMenu, links.map((it, at) => [at, it.url]), ([at]) => at, ([at, url]) => button(url, () => {
      choice.open = false;
      addEvent('click', at);
    }, { title: url, data: { link: at } }));
  }

  function clear() {
    message.hidden = true;
    choice.open = false;
  }

  const keys = Object.fromEntries(ACTIONS.map(([kind, , key]) => [key, () => list.isConnected && trigger(kind)]));
  const node = h('aside', { class: 'aside', 'aria-label': 'Timeline' }, h('h3', null, 'Timeline'), list, h('h3', null, 'Trigger an event'), buttons, message);
  return { node, show, clear, keys };
}

function event(it) {
  const known = Object.entries(it.metadata ?? {});
  return h('li', { class: `is-${it.kind}${it.planned ? ' planned' : ''}`, data: { kind: it.kind, planned: it.planned ?? false } },
    h('b', null, kindLabel(it.kind)), relativeTime(it.time),
    known.length > 0 && h('dl', null, known.map(([name, value]) => [h('dt', null, name), h('dd', null, typeof value === 'string' ? value : JSON.stringify(value))])));
}
