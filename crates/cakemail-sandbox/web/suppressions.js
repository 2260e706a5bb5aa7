// The suppressed addresses of an account.

import * as accounts from './accounts.js';
import { api, control, listFromControl } from './api.js';
import { button, emptyState, field, h, openDialog, pageHeader, withErrors } from './dom.js';
import { chip } from './format.js';
import { pagedTable } from './paged-table.js';
import { href, replaceRoute } from './route.js';
import { searchBox } from './search-box.js';

const SOURCES = {
  user: ['is-other', 'Added manually', null],
  system: ['is-hard_bounce', 'Hard bounce', 'The API itself does not remove an address that bounced.'],
  complaint: ['is-spam', 'Complaint', 'The API itself does not remove an address after a complaint.'],
};

const accountApi = (method, path, body) => api(accounts.current().account_id, method, path, { body });

export function suppressions(root) {
  let query = '';
  const searchForm = searchBox('Search addresses', [], q => replaceRoute(href('suppressions', { q })));
  const table = pagedTable(root, {
    header: h('div', null,
      pageHeader('Suppressions', 'Emails to these addresses are rejected.', button('Add address', add, { class: 'primary', id: 'add-suppression' })),
      searchForm.node),
    perAccount: true,
    columns: ['Address', 'Source', ''],
    rows: limit => listFromControl('suppressions', limit, { q: query, account_id: accounts.current().account_id }),
    key: it => it.email,
    row,
    empty: () => (query ? emptyState('No matches', 'No suppressed address contains this text.')
      : emptyState('No suppressed addresses', 'A hard bounce or a complaint suppresses an address. You can also add one.')),
  });

  function show(route) {
    query = route.query.get('q') ?? '';
    searchForm.set(query);
    return table.show(route);
  }

  return { show };
}

function row(it) {
  const [tone, label, reason] = SOURCES[it.source] ?? ['is-other', it.source ?? 'Unknown', null];
  return h('tr', { data: { suppression: it.email } },
    h('td', null, h('b', null, it.email)),
    h('td', null, chip(tone, label)),
    h('td', { class: 'end' }, button('Remove', withErrors(() => remove(it, reason)), { 'aria-label': `Remove ${it.email}` })));
}

/// Lifts a suppression, after a question where the API would refuse it.
function remove({ email, account_id }, reason) {
  const lift = () => control('DELETE', `suppressions/${encodeURIComponent(email)}`, { query: { account_id } });
  return reason ? openDialog(`Remove ${email}?`, h('p', null, reason, ' The sandbox removes it all the same.'), 'Remove', lift) : lift();
}

const add = () => openDialog('Suppress an address',
  field('Address', h('input', { name: 'email', required: true, placeholder: 'ada@example.com' }),
    '*@example.com suppresses a domain, ada@* a name at any domain.'),
  'Suppress', form => accountApi('POST', '/suppressed-emails', { email: form.get('email') }));
