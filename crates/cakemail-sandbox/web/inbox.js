// The inbox: emails, newest first, beside the open one.

import * as accounts from './accounts.js';
import { control } from './api.js';
import { deleteEmail, isDeleted, undo } from './deletions.js';
import { h, pageHeader } from './dom.js';
import { emailRow } from './email-row.js';
import { filterChips } from './filter-chips.js';
import { plural } from './format.js';
import { gettingStarted } from './getting-started.js';
import { message } from './message.js';
import { currentRoute, href, navigate, replaceRoute } from './route.js';
import { searchBox } from './search-box.js';
import { split } from './splitter.js';
import { virtualList } from './virtual-list.js';

const OPERATORS = [
  ['to:ada@', 'the recipient'], ['from:sender@', 'the sender'], ['subject:welcome', 'the subject'],
  ['tag:receipt', 'a tag'], ['status:hard_bounce', 'the status'], ['is:unread', 'not opened in these pages'], ['has:attachment', 'attachments'],
  ['before:2026-01-31', 'submitted before'], ['after:2026-01-31', 'submitted after'],
  ['-tag:receipt', 'excludes matches'], ['"two words"', 'an exact phrase'],
];

/// The parameters that stay when another email is opened, as its tab does. Remote images do not: they are off for each.
const KEPT = ['q', 'full', 'width', 'scheme'];

const linkTo = id => {
  const { query, tab } = currentRoute();
  return href(['messages', id, tab].filter(Boolean).join('/'), Object.fromEntries(KEPT.map(name => [name, query.get(name)])));
};

export function inbox(root) {
  let [query, open] = [null, null];
  const total = h('p', { class: 'total' });
  const arrivals = h('p', { class: 'offscreen', role: 'status' });
  const empty = h('div', { class: 'scroll', hidden: true });
  const search = q => replaceRoute(href(open ? `messages/${open}` : 'inbox', { q }));
  const searchForm = searchBox('Search emails', OPERATORS, search);
  const filters = filterChips(search);
  const list = virtualList({
    id: 'messages',
    label: 'Emails',
    load: (page, per_page) => control('GET', 'messages', { query: { q: query, account_id: accounts.selectedId(), page, per_page } }),
    key: it => it.id,
    build: emailRow,
    decorate,
    onarrival: count => { arrivals.textContent = `${plural(count, 'new email')}`; },
  });
  const page = split(root, 'Email');
  const details = message(page.detail, { remove });
  page.master.append(pageHeader('Inbox', total), searchForm.node, filters.node, list.node, empty, arrivals);
  list.list.addEventListener('keydown', listKeys);

  function decorate(node, row) {
    const link = node.firstChild;
    const to = linkTo(row.id);
    if (link.getAttribute('href') !== to) link.setAttribute('href', to);
    if (row.id === open) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
    node.classList.toggle('deleted', isDeleted(row.id));
  }

  async function show(route) {
    const q = route.query.get('q') ?? '';
    const changed = q !== query;
    if (changed) list.reset();
    const moved = open !== route.id;
    [query, open] = [q, route.id];
    page.open(open !== null);
    searchForm.set(query);
    if (moved && open) list.activate(open);
    list.render();
    await Promise.all([rows(), details.show(open, route)]);
    if (changed && open) list.activate(open);
  }

  async function rows() {
    try {
      await list.refresh();
    } finally {
      const found = list.total() ?? 0;
      const number = `${plural(found, query ? 'match' : 'email', query ? 'matches' : 'emails')}`;
      total.textContent = list.isExact() ? number : `More than ${number}`;
      filters.show(query, list.rowsInMemory());
      list.node.hidden = list.total() === 0;
      empty.hidden = list.total() !== 0;
      if (list.total() === 0) gettingStarted(empty, query, () => replaceRoute(href('inbox')));
      else empty.replaceChildren();
    }
  }

  /// Moves to another row, and opens it when an email is open.
  async function next(by) {
    const inDetail = page.detail.contains(document.activeElement);
    const row = await list.step(by);
    if (!row) return;
    if (open) replaceRoute(linkTo(row.id));
    if (!inDetail) list.focus(row.id);
  }

  function listKeys(event) {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity }[event.key];
    if (by === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    next(by);
  }

  /// Deletes an email, and opens the next one when it is open.
  function remove(id) {
    deleteEmail(id);
    if (id === open) next(1);
  }

  function back() {
    if (!open) return;
    const { query: parameters } = currentRoute();
    if (parameters.get('full')) return navigate(href(`messages/${open}`, { ...Object.fromEntries(parameters), full: null }));
    const id = open;
    navigate(href('inbox', { q: query }));
    requestAnimationFrame(() => list.focus(id));
  }

  const removeActive = () => {
    const id = open ?? document.activeElement.closest('#messages li')?.dataset.id;
    if (id) remove(id);
  };

  return {
    show,
    keys: { j: () => next(1), k: () => next(-1), Escape: back, Delete: removeActive, '#': removeActive, z: undo, ...details.keys },
    /// Where the focus goes when its element has left the page.
    focus: () => (open ? details.focus() : list.list.querySelector('a[tabindex="0"]')),
  };
}
