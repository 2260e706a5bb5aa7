// The addresses that an account does not write to.

import * as accounts from './accounts.js';
import { api, owned } from './api.js';
import { ask, blank, button, doing, field, h, head } from './dom.js';
import { paged } from './paged.js';
import { chip } from './words.js';

const SOURCES = {
  user: ['is-other', 'Added by hand', null],
  system: ['is-hard_bounce', 'Hard bounce', 'The system’s own entries cannot be removed.'],
  complaint: ['is-spam', 'Complaint', 'Who has complained cannot be written to again.'],
};

const own = (method, path, body) => api(accounts.own().account_id, method, path, { body });

export function suppressions(root) {
  return paged(root, {
    head: head('Suppressions', 'Emails to these addresses are rejected.', button('Suppress an address', add, { class: 'primary', id: 'add-suppression' })),
    own: true,
    columns: ['Address', 'Why', ''],
    rows: wanted => owned(accounts.own().account_id, '/suppressed-emails', wanted),
    key: it => it.email,
    row,
    blank: () => blank('Nobody is suppressed', 'A hard bounce or a complaint suppresses an address; you can as well.'),
  });
}

function row(it) {
  const [tone, words, why] = SOURCES[it.source] ?? ['is-other', it.source ?? 'Unknown', null];
  return h('tr', { data: { suppression: it.email } },
    h('td', null, h('b', null, it.email)),
    h('td', null, chip(tone, words)),
    h('td', { class: 'end' }, why
      ? h('small', null, why)
      : button('Remove', doing(() => own('DELETE', `/suppressed-emails/${encodeURIComponent(it.email)}`)))));
}

const add = () => ask('Suppress an address',
  field('Address', h('input', { name: 'email', required: true, placeholder: 'ada@example.com' }),
    'A whole domain as *@example.com, a name at any domain as ada@*.'),
  'Suppress', form => own('POST', '/suppressed-emails', { email: form.get('email') }));
