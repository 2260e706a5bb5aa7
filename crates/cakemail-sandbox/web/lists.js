// The lists of an account, and the contacts of the open one.

import * as accounts from './accounts.js';
import { api, listFromApi } from './api.js';
import { copyButton } from './copy.js';
import { button, emptyState, field, h, icon, openDialog, pageHeader, select, showError, withErrors } from './dom.js';
import { chip, plural } from './format.js';
import { pagedTable } from './paged-table.js';
import { href, navigate, replaceRoute } from './route.js';
import { searchBox } from './search-box.js';
import { markRow, split } from './splitter.js';
import { relativeTime } from './time.js';

const accountApi = (method, path, body) => api(accounts.current().account_id, method, path, { body });

export function lists(root) {
  const { master, detail, open: setOpen } = split(root, 'Contacts');
  const list = pagedTable(master, {
    header: pageHeader('Lists', 'The recipient of an email is added to the email’s list.', button('Add list', withErrors(add), { class: 'primary', id: 'add-list' })),
    perAccount: true,
    columns: ['List', 'ID', 'Status', 'Default sender'],
    rows: limit => listFromApi(accounts.current().account_id, '/lists', limit),
    key: it => it.id,
    row,
    empty: () => emptyState('No lists', 'An email needs a list.'),
  });
  let [open, contacts] = [null, null];

  async function show(route) {
    const id = route.id;
    setOpen(id !== null);
    if (open !== id) {
      open = id;
      detail.replaceChildren();
      contacts = id && contactsOf(detail, id);
    }
    await list.show(route);
    markRow(master, 'list', open);
    await contacts?.show(route).catch(showError);
  }

  return {
    show,
    keys: { Escape: () => open && navigate(href('lists')) },
    focus: () => detail.querySelector('h1'),
  };
}

const row = it => h('tr', { data: { list: it.id } },
  h('td', null, h('a', { class: 'row-link', href: href(`lists/${it.id}`) }, it.name)),
  h('td', null, h('code', null, it.id), copyButton(String(it.id), '')),
  h('td', null, chip(it.status === 'active' ? 'is-delivered' : 'is-other', it.status)),
  h('td', null, it.default_sender?.email));

async function add() {
  const { data } = await listFromApi(accounts.current().account_id, '/brands/default/senders', 100);
  openDialog('Add list', [
    field('Name', h('input', { name: 'name', required: true })),
    field('Default sender', select({ name: 'sender', required: true }, data.map(it => [it.id, `${it.name} <${it.email}>`]))),
  ], 'Add', form => accountApi('POST', '/lists', { name: form.get('name'), default_sender: { id: form.get('sender') } }));
}

function contactsOf(root, id) {
  const path = `/lists/${id}/contacts`;
  const name = h('span', null, id);
  let query = '';
  const searchForm = searchBox('Search contacts', [], q => replaceRoute(href(`lists/${id}`, { q })));
  const archive = () => openDialog(`Archive ${name.textContent}?`, h('p', null, 'The API rejects emails to an archived list.'), 'Archive', () => accountApi('POST', `/lists/${id}/archive`), true);
  const table = pagedTable(root, {
    header: h('div', null,
      pageHeader(name, 'The contacts of this list.',
        button([icon('back'), 'Lists'], () => navigate(href('lists')), { class: 'quiet back' }),
        button('Add contact', () => addContact(path), { class: 'primary', id: 'add-contact' }),
        button('Archive list', archive)),
      searchForm.node),
    columns: ['Contact', 'Status', 'Subscribed', ''],
    rows: limit => listFromApi(accounts.current().account_id, path, limit, { query }),
    key: it => it.id,
    row: it => contact(path, it),
    empty: () => (query ? emptyState('No matches', 'No contact’s address contains this text.') : emptyState('No contacts', 'Every recipient of an email becomes a contact.')),
  });

  async function show(route) {
    query = route.query.get('q') ?? '';
    searchForm.set(query);
    await Promise.all([table.show(route), accountApi('GET', `/lists/${id}`).then(it => { name.textContent = it.data.name; })]);
  }

  return { show };
}

const TONES = { active: 'is-delivered', unsubscribed: 'is-unsubscribe', bounced: 'is-hard_bounce', spam: 'is-spam' };

const contact = (path, it) => h('tr', { data: { contact: it.id } },
  h('td', null, h('b', null, it.email),
    it.bounces_count > 0 && h('small', null, `${plural(it.bounces_count, 'bounce')}, last: ${it.last_bounce_type}`),
    it.custom_attributes.length > 0 && h('small', null, it.custom_attributes.map(({ name, value }) => `${name}: ${value}`).join(', '))),
  h('td', null, chip(TONES[it.status] ?? 'is-other', it.status.replace('_', ' '))),
  h('td', { class: 'wide' }, relativeTime(it.subscribed_on)),
  h('td', { class: 'end' },
    it.status === 'active' && button('Unsubscribe', withErrors(() => accountApi('POST', `${path}/${it.id}/unsubscribe`))),
    button('Remove', () => openDialog(`Remove ${it.email}?`, h('p', null, 'This deletes the contact and its attributes.'), 'Remove', () => accountApi('DELETE', `${path}/${it.id}`), true))));

const addContact = path => openDialog('Add contact',
  field('Address', h('input', { name: 'email', type: 'email', required: true })), 'Add',
  form => accountApi('POST', path, { email: form.get('email') }));
