// A page that is a table: with a head, rows that can be had more of, and words for when there are none.

import * as accounts from './accounts.js';
import { button, h, keyed } from './dom.js';
import { steady } from './search.js';

const PAGE = 50;

/// A column's head; that of the buttons has no words.
export const column = name => (name ? h('th', { scope: 'col' }, name) : h('td'));

/// `it` has `head`, `columns`, `rows(wanted, route)` answering `{data, total}`, `key`, `row` and `blank(route)`; and
/// may have `own`, when it is about one account, `before` and `after`: nodes between head and table, and after it.
export function paged(root, it) {
  let [wanted, at] = [PAGE, null];
  const body = h('tbody');
  const table = h('table', { class: 'rows' },
    h('thead', null, h('tr', null, it.columns.map(column))), body);
  const more = button('Show more', () => { wanted += PAGE; show(at); }, { class: 'more', hidden: true });
  const none = h('div', { hidden: true });
  const whose = h('p', { class: 'whose', hidden: true });
  const box = h('div', { class: 'scroll' }, whose, it.before, none, table, more, it.after);
  root.append(it.head, box);

  async function show(route) {
    at = route;
    const { data, total } = await it.rows(wanted, route);
    steady(box, () => keyed(body, data, it.key, it.row));
    // An API token is of one account, so these pages cannot show all.
    whose.hidden = !it.own || accounts.only() !== null || accounts.all().length < 2;
    whose.textContent = `Those of ${accounts.own()?.email}: choose another account to see its own.`;
    more.hidden = data.length >= total;
    table.hidden = data.length === 0;
    none.hidden = data.length > 0;
    none.replaceChildren(...(data.length ? [] : [it.blank(route)]));
  }

  return { show };
}
