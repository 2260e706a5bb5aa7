// What clients did wrong.

import * as accounts from './accounts.js';
import { control, listed } from './api.js';
import { blank, button, doing, h, head, marked } from './dom.js';
import { paged } from './paged.js';
import { href } from './route.js';
import { age } from './time.js';
import { chip } from './words.js';

const RULES = {
  repeated_send: 'Sent twice',
  retry_after_ignored: 'Retry-After ignored',
  unknown_parameter: 'Unknown parameter',
  token_in_url: 'Token in a URL',
  refresh_stampede: 'Refresh stampede',
};

export function findings(root) {
  const clear = doing(() => control('DELETE', 'findings', { query: { account_id: accounts.only() } }));
  return paged(root, {
    head: head('Findings', 'What clients did wrong, and how to mend it.', button('Forget them', clear, { id: 'clear-findings' })),
    columns: ['Finding', 'What was wrong', 'Request', 'When'],
    rows: wanted => listed('findings', wanted, { account_id: accounts.only() }),
    key: it => it.id,
    row,
    blank: () => blank('Nothing found', 'A send that is repeated blindly, a Retry-After that is ignored, an unknown parameter, a token in a URL or a stampede of refreshes would be shown here.'),
  });
}

const row = it => h('tr', { data: { finding: it.rule } },
  h('td', null, chip('is-warning', RULES[it.rule] ?? it.rule)),
  h('td', { class: 'words' }, marked(it.message)),
  h('td', null, h('a', { href: href(`requests/${it.request_id}`) }, `Number ${it.request_id}`)),
  h('td', { class: 'when' }, age(it.time)));
