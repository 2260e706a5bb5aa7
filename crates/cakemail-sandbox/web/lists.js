// The lists of an account, and the contacts of the one that is open.

import * as accounts from './accounts.js';
import { api, owned } from './api.js';
import { ask, blank, button, complain, copy, doing, field, h, head, icon, select } from './dom.js';
import { paged } from './paged.js';
import { go, href } from './route.js';
import { search } from './search.js';
import { age } from './time.js';
import { chip, count } from './words.js';

const own = (method, path, body) => api(accounts.own().account_id, method, path, { body });

export function lists(root) {
  const master = h('section', { class: 'master' });
  const detail = h('section', { class: 'detail', 'aria-label': 'Contacts' });
  root.classList.add('split');
  root.append(master, detail);
  const list = paged(master, {
    head: head('Lists', 'Recipients are added to the list that an email names.', button('Add a list', doing(add), { class: 'primary', id: 'add-list' })),
    own: true,
    columns: ['List', 'Id', 'Status', 'Default sender'],
    rows: wanted => owned(accounts.own().account_id, '/lists', wanted),
    key: it => it.id,
    row,
    blank: () => blank('No lists', 'Add one: most emails need a list.'),
  });
  let [open, contacts] = [null, null];

  async function show(route) {
    const id = route.id;
    root.classList.toggle('open', id !== null);
    if (open !== id) {
      open = id;
      detail.replaceChildren();
      contacts = id && contactsOf(detail, id);
    }
    await list.show(route);
    for (const node of master.querySelectorAll('tr[data-list]')) node.classList.toggle('current', node.dataset.list === open);
    await contacts?.show(route).catch(complain);
  }

  return { show, keys: { Escape: () => open && go('#/lists') } };
}

const row = it => h('tr', { data: { list: it.id } },
  h('td', null, h('a', { class: 'over', href: href(`lists/${it.id}`) }, it.name)),
  h('td', null, h('code', null, it.id), copy(String(it.id), '')),
  h('td', null, chip(it.status === 'active' ? 'is-delivered' : 'is-other', it.status)),
  h('td', null, it.default_sender?.email));

async function add() {
  const { data } = await owned(accounts.own().account_id, '/brands/default/senders', 100);
  ask('Add a list', [
    field('Name', h('input', { name: 'name', required: true })),
    field('Default sender', select({ name: 'sender', required: true }, data.map(it => [it.id, `${it.name} <${it.email}>`]))),
  ], 'Add', form => own('POST', '/lists', { name: form.get('name'), default_sender: { id: form.get('sender') } }));
}

function contactsOf(root, id) {
  const path = `/lists/${id}/contacts`;
  let query = '';
  const find = search('Search contacts', [], q => {
    query = q;
    table.show().catch(complain);
  });
  const table = paged(root, {
    head: h('div', null,
      head(['Contacts of list ', id], null,
        button([icon('back'), 'Lists'], () => go('#/lists'), { class: 'quiet back' }),
        button('Add a contact', () => addContact(path), { class: 'primary', id: 'add-contact' }),
        button('Archive list', () => ask(`Archive list ${id}?`, h('p', null, 'Emails that name it are refused from then on.'), 'Archive', () => own('POST', `/lists/${id}/archive`), true))),
      find.node),
    columns: ['Contact', 'Status', 'Subscribed', ''],
    rows: wanted => owned(accounts.own().account_id, path, wanted, { query }),
    key: it => it.id,
    row: it => contact(path, it),
    blank: () => (query ? blank('Nothing matches', 'No contact’s address has this in it.') : blank('No contacts', 'Whoever an email is sent to becomes one.')),
  });
  return table;
}

const TONES = { active: 'is-delivered', unsubscribed: 'is-unsubscribe', bounced: 'is-hard_bounce', spam: 'is-spam' };

const contact = (path, it) => h('tr', { data: { contact: it.id } },
  h('td', null, h('b', null, it.email),
    it.bounces_count > 0 && h('small', null, `${count(it.bounces_count, 'bounce')}, the last one ${it.last_bounce_type}`),
    it.custom_attributes.length > 0 && h('small', null, it.custom_attributes.map(({ name, value }) => `${name}: ${value}`).join(', '))),
  h('td', null, chip(TONES[it.status] ?? 'is-other', it.status.replace('_', ' '))),
  h('td', { class: 'wide' }, age(it.subscribed_on)),
  h('td', { class: 'end' },
    it.status === 'active' && button('Unsubscribe', doing(() => own('POST', `${path}/${it.id}/unsubscribe`))),
    button('Remove', doing(() => own('DELETE', `${path}/${it.id}`)))));

const addContact = path => ask('Add a contact',
  field('Address', h('input', { name: 'email', type: 'email', required: true })), 'Add',
  form => own('POST', path, { email: form.get('email') }));
