// One email: its header, its timeline and its content.

import * as accounts from './accounts.js';
import { api, control, curlOfSubmission } from './api.js';
import { copyButton } from './copy.js';
import { button, emptyState, h, icon, iconButton, keyed, withErrors } from './dom.js';
import { chip, formatBytes, statusChip } from './format.js';
import { currentRoute, href, hrefWith, navigate, replaceRoute } from './route.js';
import { term } from './search-query.js';
import { tabs } from './tabs.js';
import { timestamp } from './time.js';
import { timeline } from './timeline.js';

/// Shows an email in `root`. `show` takes its id, or `null` for none. `remove(id)` deletes an email.
export function message(root, { remove }) {
  let [shown, shownRead] = [null, null];
  const header = h('header', { class: 'message-header' });
  const content = tabs();
  const events = timeline();
  const body = h('div', { class: 'message-body' }, h('div', { class: 'message-content' }, content.bar, content.pane), events.node);

  async function show(id, route) {
    document.body.classList.toggle('full', id !== null && route.query.get('full') !== null);
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
      root.replaceChildren(back(), emptyState('Email not found', error.message));
      return;
    }
    if (shown !== id) {
      shown = id;
      shownRead = null;
      // Moving a node would take its focus.
      if (!body.isConnected) root.replaceChildren(header, body);
      events.clear();
    }
    const { status, answered, read, ...mail } = details.message;
    const list = await listName(mail);
    // Two parts: a change of the status leaves a selection in the facts as it is.
    keyed(header, [
      { id, part: 'toolbar', status, answered, read, full: route.query.get('full') },
      { id, part: 'facts', ...mail, list, several: accounts.all().length > 1 },
    ], it => `${it.part} ${id}`, it => (it.part === 'facts' ? facts(it) : toolbar(it, details.submission, remove)));
    await Promise.all([content.show(details, route), markRead(details.message)]);
    events.show(details);
  }

  /// Marks an email as read when it is opened; the user may mark it as unread again.
  async function markRead(it) {
    if (shownRead === it.id || document.hidden) return;
    shownRead = it.id;
    if (it.read === false) await setRead(it.id, true);
  }

  return { show, keys: {
      ...content.keys, ...events.keys,
      f: () => shown && root.querySelector('.expand').click(),
      v: () => shown && root.querySelector('.mark-read')?.click(),
    }, focus: () => root.querySelector('#subject') };
}

const setRead = (id, read) => control('PUT', `messages/${id}/read`, { body: { read } });

const names = new Map();

/// The name of an email's list; `undefined` when it has none. A list's name never changes.
async function listName({ account_id: account, list_id: id }) {
  if (id == null) return undefined;
  if (!names.has(id)) names.set(id, await api(account, 'GET', `/lists/${id}`).then(it => it.data.name, () => `List ${id}`));
  return names.get(id);
}

const back = () => button([icon('back'), h('span', null, 'Inbox')], () => navigate(href('inbox', { q: currentRoute().query.get('q') })), { class: 'quiet back', 'aria-label': 'Inbox' });

function toolbar(it, submission, remove) {
  const { full } = it;
  return h('div', { class: 'detail-toolbar', role: 'toolbar', 'aria-label': 'Email' }, back(), statusChip(it.status),
    it.answered || chip('is-warning', 'Response lost: the client does not know that the email was accepted'),
    h('span', { class: 'spacer' }),
    iconButton(it.read ? 'unread' : 'read', it.read ? 'Mark as unread' : 'Mark as read', withErrors(() => setRead(it.id, !it.read)), { class: 'quiet icon-only mark-read' }),
    iconButton('trash', 'Delete', () => remove(it.id), { title: 'Delete (Del)' }),
    copyButton(it.id, 'Copy ID'),
    copyButton(() => curlOfSubmission(submission), 'Copy as curl', { title: 'Copy the request that submits this email again' }),
    iconButton(full ? 'shrink' : 'expand', full ? 'Leave full screen' : 'Full screen', () => replaceRoute(hrefWith({ full: full ? null : 1 })), { class: 'quiet icon-only expand', 'aria-pressed': Boolean(full) }));
}

function facts(it) {
  return h('div', null,
    h('h1', { id: 'subject', tabindex: '-1' }, it.subject || 'No subject'),
    h('dl', { class: 'facts' },
      row('To', it.recipient), row('From', `${it.sender.name} <${it.sender.email}>`),
      it.several && row('Account', it.account_id),
      row('Sent', [timestamp(it.submitted_at), ` · ${it.type} · ${formatBytes(it.size)}`]),
      it.list && row('List', h('a', { href: href(`lists/${it.list_id}`) }, it.list)),
      it.tags.length > 0 && row('Tags', it.tags.map(tag => h('a', { class: 'tag', href: href('inbox', { q: term('tag', tag) }) }, tag)))));
}

const row = (name, value) => [h('dt', null, name), h('dd', null, value)];
