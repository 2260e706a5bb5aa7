// The faults that are injected.

import { control } from './api.js';
import { button, emptyState, h, pageHeader, withErrors } from './dom.js';
import { faultForm, sandboxFaultForms } from './fault-form.js';
import { pagedTable } from './paged-table.js';
import { formatDuration } from './time.js';

const PRESETS = [
  ['flaky', 'Flaky', 'One request in seven fails, in different ways.'],
  ['outage', 'Outage', 'Every request fails.'],
  ['throttled', 'Throttled', '429 Too Many Requests, some with Retry-After.'],
  ['ambiguous-send', 'Ambiguous send', 'Emails are accepted, but the response is lost.'],
  ['token-storm', 'Token storm', 'Tokens expire early, and refreshing them fails.'],
];

export function faults(root) {
  const summary = h('p', { class: 'summary', id: 'fault-summary' });
  const forms = h('div', { class: 'forms' });
  faultForm(forms);
  return pagedTable(root, {
    header: pageHeader('Faults', 'Failures injected on purpose, down to the socket. They affect the API, not these pages.',
      button('Clear all', withErrors(() => control('DELETE', 'faults')), { id: 'clear-faults' })),
    before: summary,
    columns: ['Fault', 'Matches', 'Hits', ''],
    rows: async () => {
      const { data, limit, lag_logs_ms: lag } = await control('GET', 'faults');
      const sentences = [
        limit && `Rate limit: ${limit.rate} requests per second, burst ${limit.burst}${limit.retry_after ? ', with Retry-After' : ''}.`,
        lag > 0 && `Logs are delayed by ${formatDuration(lag)}.`,
      ].filter(Boolean);
      summary.textContent = sentences.join(' ');
      return { data, total: data.length };
    },
    key: it => it.id,
    row,
    empty: () => emptyState('No faults', 'Inject one below, or use a preset.'),
    after: [
      h('section', null, h('h2', null, 'Presets'), h('ul', { class: 'cards', id: 'presets' }, PRESETS.map(preset))),
      forms,
      h('section', null, h('h2', null, 'Sandbox-wide'), h('div', { class: 'form-grid' }, sandboxFaultForms())),
    ],
  });
}

const preset = ([name, label, description]) => h('li', null, h('b', null, label), h('p', null, description),
  button('Inject', withErrors(() => control('POST', 'faults', { body: { preset: name } })), { data: { preset: name }, 'aria-label': `Inject ${label}` }));

const row = it => h('tr', { data: { fault: it.id } },
  h('td', { class: 'prose' }, h('b', null, it.description)),
  h('td', { class: 'number' }, it.seen),
  h('td', { class: 'number' }, it.hits),
  h('td', { class: 'end' }, button('Clear', withErrors(() => control('DELETE', 'faults', { query: { id: it.id } })))));
