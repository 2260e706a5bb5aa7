// A page with a table: a header, rows that load page by page, and a text for an empty table.

import * as accounts from './accounts.js';
import { button, h, keyed } from './dom.js';
import { keepScrollPosition } from './search-box.js';

const PAGE = 50;

/// A column header; a column of buttons has no name.
export const columnHeader = name => (name ? h('th', { scope: 'col' }, name) : h('td'));

/// `table` has `header`, `columns`, `rows(limit, route)` resolving to `{data, total}`, `key`, `row` and `empty(route)`.
/// Optional: `perAccount` for a page of one account, and the nodes `before` and `after` the table.
export function pagedTable(root, table) {
  let [limit, current] = [PAGE, null];
  const body = h('tbody');
  const node = h('table', { class: 'rows' },
    h('thead', null, h('tr', null, table.columns.map(columnHeader))), body);
  const more = button('Show more', () => { limit += PAGE; show(current); }, { class: 'more', hidden: true });
  const empty = h('div', { hidden: true });
  const accountNote = h('p', { class: 'account-note', hidden: true });
  const box = h('div', { class: 'scroll' }, accountNote, table.before, empty, node, more, table.after);
  root.append(table.header, box);

  async function show(route) {
    current = route;
    const { data, total } = await table.rows(limit, route);
    keepScrollPosition(box, () => keyed(body, data, table.key, table.row));
    // An API token belongs to one account, so these pages cannot show all accounts.
    accountNote.hidden = !table.perAccount || accounts.selectedId() !== null || accounts.all().length < 2;
    accountNote.textContent = `Account ${accounts.current()?.email}. Select another account to see its data.`;
    more.hidden = data.length >= total;
    node.hidden = data.length === 0;
    empty.hidden = data.length > 0;
    empty.replaceChildren(...(data.length ? [] : [table.empty(route)]));
  }

  return { show };
}
