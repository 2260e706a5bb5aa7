// What is set to go wrong.

import { control } from './api.js';
import { blank, button, doing, h, head } from './dom.js';
import { faultForm, simple } from './fault-form.js';
import { paged } from './paged.js';
import { span } from './time.js';

const PRESETS = [
  ['flaky', 'Flaky', 'One request in seven goes wrong somehow.'],
  ['outage', 'Outage', 'Nothing works.'],
  ['throttled', 'Throttled', 'The server has had enough: 429, some with Retry-After.'],
  ['ambiguous-send', 'Ambiguous send', 'Emails are accepted, and the answer is lost.'],
  ['token-storm', 'Token storm', 'Tokens end when they should not, and are hard to renew.'],
];

export function faults(root) {
  const overall = h('p', { class: 'overall', id: 'overall' });
  const place = h('div', { class: 'forms' });
  faultForm(place);
  return paged(root, {
    head: head('Faults', 'What goes wrong on purpose, down to the socket. These pages are spared.',
      button('End all', doing(() => control('DELETE', 'faults')), { id: 'clear-faults' })),
    before: overall,
    columns: ['Fault', 'Met', 'Struck', ''],
    rows: async () => {
      const { data, limit, lag_logs_ms: lag } = await control('GET', 'faults');
      const words = [
        limit && `At most ${limit.rate} requests a second, ${limit.burst} at once${limit.retry_after ? ', with Retry-After' : ''}.`,
        lag > 0 && `Emails show up in the logs ${span(lag)} late.`,
      ].filter(Boolean);
      overall.textContent = words.join(' ');
      return { data, total: data.length };
    },
    key: it => it.id,
    row,
    blank: () => blank('All is well', 'Nothing is set to go wrong.'),
    after: [
      h('section', null, h('h2', null, 'Presets'), h('ul', { class: 'cards', id: 'presets' }, PRESETS.map(preset))),
      place,
      h('section', null, h('h2', null, 'Of the whole sandbox'), h('div', { class: 'simples' }, simple())),
    ],
  });
}

const preset = ([name, words, about]) => h('li', null, h('b', null, words), h('p', null, about),
  button('Set', doing(() => control('POST', 'faults', { body: { preset: name } })), { data: { preset: name }, 'aria-label': `Set ${words}` }));

const row = it => h('tr', { data: { fault: it.id } },
  h('td', { class: 'words' }, h('b', null, it.words)),
  h('td', { class: 'number' }, it.seen),
  h('td', { class: 'number' }, it.hits),
  h('td', { class: 'end' }, button('End', doing(() => control('DELETE', 'faults', { query: { id: it.id } })))));
