// The inbox: emails, newest first, beside the open one.

import * as accounts from './accounts.js';
import { listFromControl } from './api.js';
import { button, h, icon, keyed, pageHeader } from './dom.js';
import { chip, plural, statusChip } from './format.js';
import { gettingStarted } from './getting-started.js';
import { message } from './message.js';
import { currentRoute, href, navigate, replaceRoute } from './route.js';
import { keepScrollPosition, searchBox } from './search-box.js';
import { relativeTime } from './time.js';

const PAGE = 50;

const OPERATORS = [
  ['to:ada@', 'the recipient'], ['from:sender@', 'the sender'], ['subject:welcome', 'the subject'],
  ['tag:receipt', 'a tag'], ['status:hard_bounce', 'the status'], ['has:attachment', 'attachments'],
  ['before:2026-01-31', 'submitted before'], ['after:2026-01-31', 'submitted after'],
  ['-tag:receipt', 'excludes matches'], ['"two words"', 'an exact phrase'],
];

export function inbox(root) {
  let [limit, query, open, newest] = [PAGE, '', null, null];
  const total = h('p', { class: 'total' });
  const list = h('ul', { id: 'messages', class: 'rows', 'aria-label': 'Emails' });
  const more = button('Show more', () => { limit += PAGE; show(); }, { class: 'more', hidden: true });
  const box = h('div', { class: 'scroll' }, list, more);
  const empty = h('div', { class: 'scroll', hidden: true });
  const searchForm = searchBox('Search emails', OPERATORS, q => replaceRoute(href(open ? `messages/${open}` : 'inbox', { q })));
  const detail = h('section', { class: 'detail', 'aria-label': 'Email' });
  const details = message(detail);
  root.classList.add('split');
  root.append(h('section', { class: 'master' }, pageHeader('Inbox', total), searchForm.node, box, empty), detail);

  async function show(route = currentRoute()) {
    const q = route.query.get('q') ?? '';
    if (q !== query) limit = PAGE;
    [query, open] = [q, route.id];
    root.classList.toggle('open', open !== null);
    searchForm.set(query);
    mark();
    await Promise.all([rows(), details.show(open, route.tab, query)]);
  }

  async function rows() {
    const found = await listFromControl('messages', limit, { q: query, account_id: accounts.selectedId() });
    total.textContent = query ? `${plural(found.total, 'match', 'matches')}` : plural(found.total, 'email');
    keepScrollPosition(box, () => keyed(list, found.data, it => it.id, it => row(it, query, newest && it.submitted_at > newest)));
    newest = found.data[0]?.submitted_at ?? '';
    more.hidden = found.data.length >= found.total;
    const none = found.total === 0;
    box.hidden = none;
    empty.hidden = !none;
    if (none) gettingStarted(empty, query, () => replaceRoute(href('inbox')));
    else empty.replaceChildren();
    mark();
  }

  function mark() {
    for (const link of list.querySelectorAll('a')) {
      const current = link.parentNode.dataset.id === open;
      if (current) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
      link.href = href(`messages/${link.parentNode.dataset.id}`, { q: query });
    }
  }

  /// Moves to the next or previous row, and opens it when an email is open.
  const step = by => () => {
    const links = [...list.querySelectorAll('a')];
    const from = links.findIndex(it => (open ? it.hasAttribute('aria-current') : it === document.activeElement));
    const link = links[from < 0 ? 0 : Math.min(Math.max(from + by, 0), links.length - 1)];
    if (!link) return;
    link.scrollIntoView({ block: 'nearest' });
    link.focus({ preventScroll: true });
    if (open) replaceRoute(link.getAttribute('href'));
  };

  function back() {
    if (!open) return;
    const link = list.querySelector('a[aria-current]');
    navigate(href('inbox', { q: query }));
    link?.focus();
  }

  const [next, previous] = [step(1), step(-1)];
  return { show, keys: { j: next, ArrowDown: next, k: previous, ArrowUp: previous, Escape: back, ...details.keys } };
}

function row(it, query, isNew) {
  return h('li', { class: isNew ? 'new' : null, data: { id: it.id } },
    h('a', { href: href(`messages/${it.id}`, { q: query }) },
      h('span', { class: 'who', title: it.recipient }, it.recipient),
      h('span', { class: 'what' },
        h('span', { class: 'subject', title: it.subject }, it.subject || h('i', null, 'No subject')),
        it.attachments > 0 && h('span', { class: 'clip', title: plural(it.attachments, 'attachment') }, icon('clip')),
        it.tags.slice(0, 3).map(tag => h('span', { class: 'tag' }, tag)),
        it.tags.length > 3 && h('span', { class: 'tag rest' }, `+${it.tags.length - 3}`)),
      h('span', { class: 'state' }, it.answered || chip('is-warning', 'Response lost', { title: 'The email was accepted, but the client got no response' }), statusChip(it.status)),
      relativeTime(it.submitted_at)));
}
