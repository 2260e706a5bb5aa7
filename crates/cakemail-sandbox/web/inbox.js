// The inbox: emails, newest first, beside the one that is open.

import * as accounts from './accounts.js';
import { listed } from './api.js';
import { button, h, head, icon, keyed } from './dom.js';
import { message } from './message.js';
import { go, here, href, slip } from './route.js';
import { search, steady } from './search.js';
import { starters } from './starters.js';
import { age } from './time.js';
import { chip, count, statusChip } from './words.js';

const PAGE = 50;

const OPERATORS = [
  ['to:ada@', 'the recipient'], ['from:sender@', 'the sender'], ['subject:welcome', 'the subject'],
  ['tag:receipt', 'a tag'], ['status:hard_bounce', 'how far it came'], ['has:attachment', 'files'],
  ['before:2026-01-31', 'submitted before'], ['after:2026-01-31', 'submitted after'],
  ['-tag:receipt', 'not so'], ['"two words"', 'words that belong together'],
];

export function inbox(root) {
  let [wanted, query, open, newest] = [PAGE, '', null, null];
  const total = h('p', { class: 'total' });
  const list = h('ul', { id: 'messages', class: 'rows', 'aria-label': 'Emails' });
  const more = button('Show more', () => { wanted += PAGE; show(); }, { class: 'more', hidden: true });
  const box = h('div', { class: 'scroll' }, list, more);
  const empty = h('div', { class: 'scroll', hidden: true });
  const find = search('Search emails', OPERATORS, q => slip(href(open ? `messages/${open}` : 'inbox', { q })));
  const detail = h('section', { class: 'detail', 'aria-label': 'Email' });
  const shown = message(detail);
  root.classList.add('split');
  root.append(h('section', { class: 'master' }, head('Inbox', total), find.node, box, empty), detail);

  async function show(route = here()) {
    const q = route.query.get('q') ?? '';
    if (q !== query) wanted = PAGE;
    [query, open] = [q, route.id];
    root.classList.toggle('open', open !== null);
    find.set(query);
    mark();
    await Promise.all([rows(), shown.show(open, route.tab, query)]);
  }

  async function rows() {
    const found = await listed('messages', wanted, { q: query, account_id: accounts.only() });
    total.textContent = query ? `${count(found.total, 'match', 'matches')}` : count(found.total, 'email');
    steady(box, () => keyed(list, found.data, it => it.id, it => row(it, query, newest && it.submitted_at > newest)));
    newest = found.data[0]?.submitted_at ?? '';
    more.hidden = found.data.length >= found.total;
    const none = found.total === 0;
    box.hidden = none;
    empty.hidden = !none;
    if (none) starters(empty, query, () => slip(href('inbox')));
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

  /// To the next or previous row: opens it when an email is open, or else goes there.
  const step = by => () => {
    const links = [...list.querySelectorAll('a')];
    const from = links.findIndex(it => (open ? it.hasAttribute('aria-current') : it === document.activeElement));
    const link = links[from < 0 ? 0 : Math.min(Math.max(from + by, 0), links.length - 1)];
    if (!link) return;
    link.scrollIntoView({ block: 'nearest' });
    link.focus({ preventScroll: true });
    if (open) slip(link.getAttribute('href'));
  };

  function back() {
    if (!open) return;
    const link = list.querySelector('a[aria-current]');
    go(href('inbox', { q: query }));
    link?.focus();
  }

  const [next, previous] = [step(1), step(-1)];
  return { show, keys: { j: next, ArrowDown: next, k: previous, ArrowUp: previous, Escape: back, ...shown.keys } };
}

function row(it, query, fresh) {
  return h('li', { class: fresh ? 'fresh' : null, data: { id: it.id } },
    h('a', { href: href(`messages/${it.id}`, { q: query }) },
      h('span', { class: 'who', title: it.recipient }, it.recipient),
      h('span', { class: 'what' },
        h('span', { class: 'subject', title: it.subject }, it.subject || h('i', null, 'No subject')),
        it.attachments > 0 && h('span', { class: 'clip', title: count(it.attachments, 'attachment') }, icon('clip')),
        it.tags.slice(0, 3).map(tag => h('span', { class: 'tag' }, tag)),
        it.tags.length > 3 && h('span', { class: 'tag rest' }, `+${it.tags.length - 3}`)),
      h('span', { class: 'state' }, it.answered || chip('is-warning', 'Not answered', { title: 'Its sender was never told that it was accepted' }), statusChip(it.status)),
      age(it.submitted_at)));
}
