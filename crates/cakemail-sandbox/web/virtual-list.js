// A list of any length. Only the rows around the view are in the DOM, and only their pages are fetched. Rows that arrive
// or leave above the view do not move what is read.

import { h, keyed, showError } from './dom.js';

const PAGE = 100;
/// Rows beyond each edge of the view.
const OVERSCAN = 10;
const MAX_ROWS_IN_MEMORY = 3000;
/// Browsers limit the height of an element: to 17.8 million pixels in Firefox.
const MAX_HEIGHT = 15_000_000;

/// `options` has `id`, `label`, `load(page, per_page)` resolving to `{data, total}`, `key(row)`, `build(row)` for the `<li>`
/// with its link, `decorate(li, row)` for what depends on more than the row, and `onarrival(count)`.
/// The row's height is the list's CSS property `--row`.
export function virtualList(options) {
  const { load, key } = options;
  const list = h('ul', { id: options.id, class: 'rows', 'aria-label': options.label });
  const box = h('div', { class: 'scroll' }, list);
  let rows = new Map();
  /// The pages that were fetched since the last change.
  const fresh = new Set();
  let [total, endless, newest, active, epoch, pumping, height] = [null, false, null, null, 0, null, 1];

  const count = () => Math.min(total ?? 0, Math.floor(MAX_HEIGHT / height));
  const indexOf = wanted => [...rows].find(([, row]) => key(row) === wanted)?.[0] ?? -1;
  const nodeOf = wanted => [...list.children].find(it => it.dataset.key === String(wanted));

  function view() {
    const first = Math.floor(box.scrollTop / height);
    return [Math.max(0, first), Math.min(count(), first + Math.ceil(box.clientHeight / height) + 1)];
  }

  function render() {
    height = parseFloat(getComputedStyle(list).getPropertyValue('--row')) || 1;
    list.style.height = `${count() * height}px`;
    const [first, last] = view();
    const indexes = new Set();
    for (let at = Math.max(0, first - OVERSCAN); at < Math.min(count(), last + OVERSCAN); at += 1) indexes.add(at);
    // The row with the focus stays in the DOM, wherever the view is.
    if (active !== null) indexes.add(indexOf(active));
    const seen = new Set();
    const items = [...indexes].sort((a, b) => a - b).map(at => [at, rows.get(at)])
      .filter(([, row]) => row && !seen.has(key(row)) && seen.add(key(row)));
    keyed(list, items.map(([, row]) => row), key, options.build);
    const stop = items.some(([, row]) => key(row) === active) ? active : items.find(([at]) => at >= first)?.[1];
    const stopKey = stop && typeof stop === 'object' ? key(stop) : stop;
    items.forEach(([at, row], n) => {
      const node = list.children[n];
      node.style.top = `${at * height}px`;
      node.setAttribute('aria-setsize', total);
      node.setAttribute('aria-posinset', at + 1);
      node.querySelector('a').tabIndex = key(row) === stopKey ? 0 : -1;
      options.decorate(node, row);
    });
  }

  function store(page, { data, total: found, total_is_exact: exact = true }) {
    const from = (page - 1) * PAGE;
    for (let n = 0; n < PAGE; n += 1) {
      if (data[n]) rows.set(from + n, data[n]);
      else rows.delete(from + n);
    }
    fresh.add(page);
    endless = !exact;
    // A total that is not exact grows with what was found.
    total = exact ? found : Math.max(found, from + data.length + (data.length === PAGE ? PAGE : 0));
    if (page === 1) newest = data[0] ? key(data[0]) : null;
    if (rows.size > MAX_ROWS_IN_MEMORY) forgetFarRows();
  }

  function forgetFarRows() {
    const [first, last] = view();
    const isNear = at => at > first - 5 * PAGE && at < last + 5 * PAGE;
    rows = new Map([...rows].filter(([at, row]) => isNear(at) || key(row) === active));
    for (const page of fresh) if (!isNear((page - 1) * PAGE) && !isNear(page * PAGE)) fresh.delete(page);
  }

  function missingPage() {
    if (total === null) return 1;
    const [first, last] = view();
    for (let page = Math.floor(first / PAGE) + 1; (page - 1) * PAGE < Math.max(last, 1); page += 1) if (!fresh.has(page)) return page;
    return null;
  }

  /// Fetches what the view lacks. Pages that were scrolled past in the meantime are not fetched.
  function pump() {
    return pumping ??= (async () => {
      for (let page = missingPage(); page !== null; page = missingPage()) {
        const before = epoch;
        const found = await load(page, PAGE);
        if (before !== epoch) continue;
        store(page, found);
        render();
      }
    })().finally(() => { pumping = null; });
  }

  /// The first row in view, and how much of it is hidden; `null` at the top, where new rows become visible.
  function anchor() {
    if (box.scrollTop === 0) return null;
    const at = view()[0];
    const row = rows.get(at);
    return row && { key: key(row), hidden: box.scrollTop - at * height };
  }

  /// Fetches the rows in view again, and keeps them in place.
  async function refresh() {
    if (total === null) return pump();
    const [kept, known, before] = [anchor(), newest, total];
    epoch += 1;
    const asked = epoch;
    const head = await load(1, PAGE);
    if (asked !== epoch) return undefined;
    const place = head.data.findIndex(row => key(row) === known);
    const arrived = place >= 0 ? place : Math.max(0, head.total - before);
    if (arrived) rows = new Map([...rows].map(([at, row]) => [at + arrived, row]));
    fresh.clear();
    store(1, head);
    list.style.height = `${count() * height}px`;
    if (kept && arrived) box.scrollTop += arrived * height;
    const expected = box.scrollTop;
    render();
    await pump();
    const now = kept ? indexOf(kept.key) : -1;
    // Unless the user scrolled on.
    if (now >= 0 && box.scrollTop === expected) box.scrollTop = now * height + kept.hidden;
    if (arrived) options.onarrival(arrived, head.data.slice(0, arrived));
    return undefined;
  }

  /// Forgets all rows, for another search.
  function reset() {
    epoch += 1;
    rows.clear();
    fresh.clear();
    [total, newest, active] = [null, null, null];
    box.scrollTop = 0;
  }

  async function reveal(at) {
    const [top, bottom] = [at * height, (at + 1) * height];
    if (top < box.scrollTop) box.scrollTop = top;
    else if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = bottom - box.clientHeight;
    if (!rows.has(at)) await pump();
    return rows.get(at);
  }

  /// The row `by` places after the active one, scrolled into view and made active; `undefined` in an empty list.
  async function step(by) {
    const from = active === null ? -1 : indexOf(active);
    const at = from < 0 ? view()[0] : Math.min(Math.max(from + by, 0), count() - 1);
    const row = await reveal(at);
    if (row) activate(key(row));
    return row;
  }

  function activate(wanted) {
    if (wanted !== null && indexOf(wanted) < 0) return;
    active = wanted;
    render();
  }

  const focus = wanted => nodeOf(wanted)?.querySelector('a').focus({ preventScroll: true });

  let frame = 0;
  box.addEventListener('scroll', () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => {
      render();
      pump().catch(showError);
    });
  });
  list.addEventListener('focusin', event => { active = event.target.closest('li')?.dataset.key ?? active; });
  new ResizeObserver(() => {
    const kept = total === null ? null : anchor();
    render();
    if (kept) box.scrollTop = Math.max(indexOf(kept.key), 0) * height + kept.hidden;
    if (total !== null) pump().catch(showError);
  }).observe(box);

  return {
    node: box, list, refresh, reset, render, step, activate, focus,
    total: () => total, isExact: () => !endless, rowsInMemory: () => [...rows.values()], indexOf,
  };
}
