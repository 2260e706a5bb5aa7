// The checks of an email's content: what mail clients and receiving servers may object to.

import { control } from './api.js';
import { h, keyed } from './dom.js';
import { chip } from './format.js';

const TONES = { error: 'is-hard_bounce', warning: 'is-warning' };

export function checks() {
  let id = null;
  const list = h('ul', { class: 'checks' });
  const none = h('p', { class: 'hint', hidden: true }, 'The checks have found nothing.');
  const node = h('div', { class: 'pane' }, none, list);

  async function show(details) {
    if (id === details.message.id) return;
    const { data } = await control('GET', `messages/${details.message.id}/checks`);
    id = details.message.id;
    none.hidden = data.length > 0;
    keyed(list, data.map((it, at) => ({ ...it, at })), it => `${it.rule}-${it.at}`, check);
  }

  return { node, show };
}

const check = it => h('li', null, chip(TONES[it.severity] ?? 'is-other', it.severity),
  h('div', null, h('b', null, it.message), h('small', null, it.rule.replaceAll('_', ' '), it.place && [' · ', h('code', null, it.place)])));
