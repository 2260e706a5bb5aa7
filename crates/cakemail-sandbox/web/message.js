// One email: its header, its content and its timeline.

import * as accounts from './accounts.js';
import { baseUrl, control } from './api.js';
import { button, copyButton, emptyState, h, icon, keyed } from './dom.js';
import { chip, formatBytes, statusChip } from './format.js';
import { href, navigate } from './route.js';
import { tabs } from './tabs.js';
import { timestamp } from './time.js';
import { timeline } from './timeline.js';

/// Shows an email in `root`. `show` takes its id, or `null` for none.
export function message(root) {
  let shown = null;
  const header = h('header', { class: 'message-header' });
  const content = tabs();
  const events = timeline();
  const body = h('div', { class: 'message-body' }, content.pane, events.node);

  async function show(id, tab, q) {
    if (!id) {
      shown = null;
      root.replaceChildren();
      return;
    }
    let details;
    try {
      details = await control('GET', `messages/${id}`);
    } catch (error) {
      if (!(error.status >= 400)) throw error;
      shown = null;
      root.replaceChildren(emptyState('Email not found', error.message), back(q));
      return;
    }
    if (shown !== id) {
      shown = id;
      root.replaceChildren(header, content.bar, body);
      events.clear();
    }
    keyed(header, [{ message: details.message, q }], () => id, it => messageHeader(it.message, it.q));
    content.show(details, tab, q);
    events.show(details);
  }

  return { show, keys: { ...content.keys, ...events.keys } };
}

const back = q => button([icon('back'), 'Inbox'], () => navigate(href('inbox', { q })), { class: 'quiet back' });

function messageHeader(it, q) {
  return h('div', null,
    h('div', { class: 'detail-toolbar' }, back(q), statusChip(it.status),
      it.answered || chip('is-warning', 'Response lost: the client does not know that the email was accepted'),
      h('span', { class: 'spacer' }),
      copyButton(it.id, 'Copy ID'),
      copyButton(`curl ${baseUrl}/v2/emails/${it.id} -H "Authorization: Bearer $TOKEN"`, 'Copy as curl', { title: 'The API request for this email' })),
    h('h2', { id: 'subject' }, it.subject || 'No subject'),
    h('dl', { class: 'facts' },
      row('To', it.recipient), row('From', `${it.sender.name} <${it.sender.email}>`),
      accounts.all().length > 1 && row('Account', it.account_id),
      row('Sent', [timestamp(it.submitted_at), ` · ${it.type} · ${formatBytes(it.size)}`]),
      it.list_id != null && row('List', h('a', { href: href(`lists/${it.list_id}`) }, it.list_id)),
      it.tags.length > 0 && row('Tags', it.tags.map(tag => h('a', { class: 'tag', href: href('inbox', { q: `tag:${tag}` }) }, tag)))));
}

const row = (name, value) => [h('dt', null, name), h('dd', null, value)];
