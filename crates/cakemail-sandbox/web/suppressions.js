// The suppressed addresses of an account.

import * as accounts from './accounts.js';
import { api, listFromApi } from './api.js';
import { button, emptyState, field, h, openDialog, pageHeader, withErrors } from './dom.js';
import { chip } from './format.js';
import { pagedTable } from './paged-table.js';

const SOURCES = {
  user: ['is-other', 'Added manually', null],
  system: ['is-hard_bounce', 'Hard bounce', 'Added by the system; cannot be removed.'],
  complaint: ['is-spam', 'Complaint', 'A complaint cannot be removed.'],
};

const accountApi = (method, path, body) => api(accounts.current().account_id, method, path, { body });

export function suppressions(root) {
  return pagedTable(root, {
    header: pageHeader('Suppressions', 'Emails to these addresses are rejected.', button('Add address', add, { class: 'primary', id: 'add-suppression' })),
    perAccount: true,
    columns: ['Address', 'Source', ''],
    rows: limit => listFromApi(accounts.current().account_id, '/suppressed-emails', limit),
    key: it => it.email,
    row,
    empty: () => emptyState('No suppressed addresses', 'A hard bounce or a complaint suppresses an address. You can also add one.'),
  });
}

function row(it) {
  const [tone, label, reason] = SOURCES[it.source] ?? ['is-other', it.source ?? 'Unknown', null];
  return h('tr', { data: { suppression: it.email } },
    h('td', null, h('b', null, it.email)),
    h('td', null, chip(tone, label)),
    h('td', { class: 'end' }, reason
      ? h('small', null, reason)
      : button('Remove', withErrors(() => accountApi('DELETE', `/suppressed-emails/${encodeURIComponent(it.email)}`)))));
}

const add = () => openDialog('Suppress an address',
  field('Address', h('input', { name: 'email', required: true, placeholder: 'ada@example.com' }),
    '*@example.com suppresses a domain, ada@* a name at any domain.'),
  'Suppress', form => accountApi('POST', '/suppressed-emails', { email: form.get('email') }));
