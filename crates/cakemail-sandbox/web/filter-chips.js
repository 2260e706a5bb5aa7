// The filters above the list of emails. Each adds a term to the search, or removes it.

import { button, h, keyed } from './dom.js';
import { kindLabel } from './format.js';
import { term, termsOf, toggled, valueOf } from './search-query.js';

const STATUSES = ['queued', 'delivered', 'open', 'click', 'soft_bounce', 'hard_bounce', 'spam', 'unsubscribe', 'rejected', 'error'];
const TAGS = 6;

/// `search(query)` runs a changed search.
export function filterChips(search) {
  let query = '';
  const node = h('div', { class: 'filters', role: 'group', 'aria-label': 'Filters' });
  const replaces = operator => it => it.startsWith(`${operator}:`);

  function chipOf({ operator, value, label, on }) {
    const added = term(operator, value);
    return button(label, () => search(toggled(query, added, operator === 'tag' ? undefined : replaces(operator))), {
      class: `filter ${operator === 'tag' ? 'of-tag' : ''}`, 'aria-pressed': on, data: { filter: added },
    });
  }

  /// Shows the filters of a query, and the tags of these emails.
  function show(current, emails) {
    query = current;
    const terms = termsOf(query);
    const filter = (operator, value, label) => ({ operator, value, label, on: terms.includes(term(operator, value)) });
    const asked = terms.map(it => valueOf('tag', it)).filter(it => it !== null);
    const tags = new Set([...asked, ...commonTags(emails)]);
    const all = [
      filter('is', 'unread', 'Unread'),
      ...STATUSES.map(it => filter('status', it, kindLabel(it))),
      ...[...tags].slice(0, Math.max(TAGS, asked.length)).map(it => filter('tag', it, it)),
    ];
    keyed(node, all, it => term(it.operator, it.value), chipOf);
  }

  return { node, show };
}

/// The tags of these emails, the most frequent first. A tag of an idempotency key belongs to one email.
function commonTags(emails) {
  const counts = new Map();
  for (const tag of emails.flatMap(it => it.tags)) if (!tag.startsWith('key-')) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  return [...counts].sort(([a, n], [b, m]) => m - n || a.localeCompare(b)).map(([tag]) => tag);
}
