// Mistakes that the sandbox found in clients' requests.

import * as accounts from './accounts.js';
import { control, listFromControl } from './api.js';
import { button, emptyState, h, pageHeader, withCode, withErrors } from './dom.js';
import { chip } from './format.js';
import { pagedTable } from './paged-table.js';
import { href } from './route.js';
import { relativeTime } from './time.js';

const RULES = {
  repeated_send: 'Repeated send',
  retry_after_ignored: 'Retry-After ignored',
  unknown_parameter: 'Unknown parameter',
  token_in_url: 'Token in URL',
  refresh_stampede: 'Refresh stampede',
};

export function findings(root) {
  const clear = withErrors(() => control('DELETE', 'findings', { query: { account_id: accounts.selectedId() } }));
  return pagedTable(root, {
    header: pageHeader('Findings', 'Mistakes in clients’ requests, and how to fix them.', button('Clear', clear, { id: 'clear-findings' })),
    columns: ['Finding', 'Details', 'Request', 'Time'],
    rows: limit => listFromControl('findings', limit, { account_id: accounts.selectedId() }),
    key: it => it.id,
    row,
    empty: () => emptyState('No findings', 'The sandbox looks for sends repeated without reconciliation, an ignored Retry-After, unknown parameters, tokens in URLs and refresh stampedes.'),
  });
}

const row = it => h('tr', { data: { finding: it.rule } },
  h('td', null, chip('is-warning', RULES[it.rule] ?? it.rule)),
  h('td', { class: 'prose' }, withCode(it.message)),
  h('td', null, h('a', { href: href(`requests/${it.request_id}`) }, `#${it.request_id}`)),
  h('td', { class: 'when' }, relativeTime(it.time)));
