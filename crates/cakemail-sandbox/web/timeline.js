// An email's life: what happened, what will, and buttons to let something happen.

import { control } from './api.js';
import { button, h, keyed } from './dom.js';
import { age } from './time.js';
import { kindWord } from './words.js';

/// Each: its kind, its words, its key.
const ACTIONS = [
  ['deliver', 'Deliver', 'd'], ['open', 'Open', 'o'], ['click', 'Click', 'c'], ['soft_bounce', 'Soft bounce', 's'],
  ['hard_bounce', 'Bounce', 'b'], ['complain', 'Complain', 'm'], ['unsubscribe', 'Unsubscribe', 'u'],
];

export function timeline() {
  let [id, links] = [null, []];
  const list = h('ol', { class: 'life', id: 'timeline' });
  const refusal = h('p', { class: 'refusal', role: 'alert', hidden: true });
  const targets = h('div', { class: 'sheet' });
  const choice = h('details', { class: 'menu', id: 'links' }, h('summary', { hidden: true }), targets);
  const buttons = h('div', { class: 'acts', role: 'group', 'aria-label': 'Let something happen' },
    ACTIONS.map(([kind, words, key]) => button(words, event => {
      event.stopPropagation();
      act(kind);
    }, { data: { kind }, title: `${words} (${key})` })), choice);

  /// A click needs a link, which is asked for when there are several.
  function act(kind) {
    if (kind !== 'click' || links.length < 2) return happen(kind, kind === 'click' && links.length ? 0 : undefined);
    choice.open = !choice.open;
    if (choice.open) targets.querySelector('button').focus();
  }

  async function happen(kind, link) {
    refusal.hidden = true;
    try {
      await control('POST', `messages/${id}/events`, { body: { kind, link } });
    } catch (error) {
      refusal.textContent = error.message;
      refusal.hidden = false;
    }
  }

  function show(whole) {
    id = whole.message.id;
    links = whole.links;
    const past = whole.events.map(it => ({ ...it, key: it.id }));
    const planned = whole.planned.map((it, at) => ({ ...it, key: `planned-${at}-${it.kind}`, planned: true }));
    keyed(list, [...past, ...planned], it => it.key, event);
    keyed(targets, links.map((it, at) => [at, it.url]), ([at]) => at, ([at, url]) => button(url, () => {
      choice.open = false;
      happen('click', at);
    }, { title: url, data: { link: at } }));
  }

  function clear() {
    refusal.hidden = true;
    choice.open = false;
  }

  const keys = Object.fromEntries(ACTIONS.map(([kind, , key]) => [key, () => list.isConnected && act(kind)]));
  const node = h('aside', { class: 'aside', 'aria-label': 'Timeline' }, h('h3', null, 'Timeline'), list, h('h3', null, 'Let it happen'), buttons, refusal);
  return { node, show, clear, keys };
}

function event(it) {
  const known = Object.entries(it.metadata ?? {});
  return h('li', { class: `is-${it.kind}${it.planned ? ' planned' : ''}`, data: { kind: it.kind, planned: it.planned ?? false } },
    h('b', null, kindWord(it.kind)), age(it.time),
    known.length > 0 && h('dl', null, known.map(([name, value]) => [h('dt', null, name), h('dd', null, typeof value === 'string' ? value : JSON.stringify(value))])));
}
