// One email: what it is, how it looks, and what becomes of it.

import * as accounts from './accounts.js';
import { control } from './api.js';
import { blank, button, copy, h, icon, keyed } from './dom.js';
import { go, href } from './route.js';
import { tabs } from './tabs.js';
import { timeline } from './timeline.js';
import { moment } from './time.js';
import { bytes, chip, statusChip } from './words.js';

/// An email in its place. `show` takes its id, or `null` for none.
export function message(root) {
  let shown = null;
  const top = h('header', { class: 'letter' });
  const content = tabs();
  const life = timeline();
  const body = h('div', { class: 'letter-body' }, content.pane, life.node);

  async function show(id, tab, q) {
    if (!id) {
      shown = null;
      root.replaceChildren();
      return;
    }
    let whole;
    try {
      whole = await control('GET', `messages/${id}`);
    } catch (error) {
      if (!(error.status >= 400)) throw error;
      shown = null;
      root.replaceChildren(blank('This email is not here', error.message), back(q));
      return;
    }
    if (shown !== id) {
      shown = id;
      root.replaceChildren(top, content.bar, body);
      life.clear();
    }
    keyed(top, [{ message: whole.message, q }], () => id, it => letterhead(it.message, it.q));
    content.show(whole, tab, q);
    life.show(whole);
  }

  return { show, keys: { ...content.keys, ...life.keys } };
}

const back = q => button([icon('back'), 'Inbox'], () => go(href('inbox', { q })), { class: 'quiet back' });

function letterhead(it, q) {
  return h('div', null,
    h('div', { class: 'letter-top' }, back(q), statusChip(it.status),
      it.answered || chip('is-warning', 'Not answered: its sender was never told'),
      h('span', { class: 'gap' }),
      copy(it.id, 'Copy id'),
      copy(`curl ${location.origin}/v2/emails/${it.id} -H "Authorization: Bearer $TOKEN"`, 'Copy curl', { title: 'The request that asks for this email' })),
    h('h2', { id: 'subject' }, it.subject || 'No subject'),
    h('dl', { class: 'facts' },
      fact('To', it.recipient), fact('From', `${it.sender.name} <${it.sender.email}>`),
      accounts.all().length > 1 && fact('Account', it.account_id),
      fact('Sent', [moment(it.submitted_at), ` · ${it.type} · ${bytes(it.size)}`]),
      it.list_id != null && fact('List', h('a', { href: href(`lists/${it.list_id}`) }, it.list_id)),
      it.tags.length > 0 && fact('Tags', it.tags.map(tag => h('a', { class: 'tag', href: href('inbox', { q: `tag:${tag}` }) }, tag)))));
}

const fact = (name, value) => [h('dt', null, name), h('dd', null, value)];
