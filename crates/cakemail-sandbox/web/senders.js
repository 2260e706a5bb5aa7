// The senders of an account, and the mails that confirm them.

import * as accounts from './accounts.js';
import { api, control, owned } from './api.js';
import { ask, blank, button, copy, doing, field, h, head } from './dom.js';
import { paged } from './paged.js';
import { age, moment } from './time.js';
import { chip } from './words.js';

export function senders(root) {
  return paged(root, {
    head: head('Senders', 'An email needs a confirmed one.', button('Add a sender', add, { class: 'primary', id: 'add-sender' })),
    own: true,
    columns: ['Sender', 'Id', 'Status', 'Confirmed', ''],
    rows: wanted => owned(accounts.own().account_id, '/brands/default/senders', wanted),
    key: it => it.id,
    row,
    blank: () => blank('No senders', 'Add one: the account’s own address is confirmed at once, any other by a link.'),
  });
}

function row(it) {
  return h('tr', { data: { sender: it.id } },
    h('td', null, h('b', null, it.name), h('small', null, it.email)),
    h('td', null, h('code', null, it.id), copy(it.id, '')),
    h('td', null, it.confirmed ? chip('is-delivered', 'Confirmed') : chip('is-warning', 'Unconfirmed')),
    h('td', null, it.confirmed_on ? age(it.confirmed_on) : it.last_confirmation_sent_on && h('small', null, 'mail sent ', moment(it.last_confirmation_sent_on))),
    h('td', { class: 'end' },
      !it.confirmed && button('Confirm', doing(() => confirm(it)), { class: 'primary', data: { action: 'confirm' } }),
      !it.confirmed && button('Send again', doing(() => own('POST', `/brands/default/senders/${it.id}/resend-confirmation-email`)), { title: 'Sends another confirmation mail' }),
      button('Remove', () => ask(`Remove ${it.email}?`, h('p', null, 'Emails can no longer be sent from it.'), 'Remove', () => own('DELETE', `/brands/default/senders/${it.id}`), true))));
}

const own = (method, path, body) => api(accounts.own().account_id, method, path, { body });

/// Does what the link in the latest confirmation mail does.
async function confirm(sender) {
  const { data } = await control('GET', 'mailbox', { query: { address: sender.email } });
  const mail = data.at(-1);
  if (!mail) throw new Error(`No confirmation mail to ${sender.email} is there: send it again.`);
  await own('POST', '/brands/default/senders/confirm-email', { confirmation_id: mail.confirmation_id });
}

const add = () => ask('Add a sender', [
  field('Name', h('input', { name: 'name', required: true, value: 'Ada' })),
  field('Address', h('input', { name: 'email', type: 'email', required: true, placeholder: 'ada@example.com' }),
    `${accounts.own().email} is confirmed at once; to any other address goes a mail with a link.`),
], 'Add', form => own('POST', '/brands/default/senders', Object.fromEntries(form)));
