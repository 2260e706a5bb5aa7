// The senders of an account, and their confirmation.

import * as accounts from './accounts.js';
import { api, control, listFromApi } from './api.js';
import { copyButton } from './copy.js';
import { button, emptyState, field, h, openDialog, pageHeader, withErrors } from './dom.js';
import { chip } from './format.js';
import { pagedTable } from './paged-table.js';
import { relativeTime, timestamp } from './time.js';

export function senders(root) {
  return pagedTable(root, {
    header: pageHeader('Senders', 'An email needs a confirmed sender.', button('Add sender', add, { class: 'primary', id: 'add-sender' })),
    perAccount: true,
    columns: ['Sender', 'ID', 'Status', 'Confirmed', ''],
    rows: limit => listFromApi(accounts.current().account_id, '/brands/default/senders', limit),
    key: it => it.id,
    row,
    empty: () => emptyState('No senders', 'The account’s own address is confirmed at once. Any other address gets a confirmation email with a link.'),
  });
}

function row(it) {
  return h('tr', { data: { sender: it.id } },
    h('td', null, h('b', null, it.name), h('small', null, it.email)),
    h('td', null, h('code', null, it.id), copyButton(it.id, '')),
    h('td', null, it.confirmed ? chip('is-delivered', 'Confirmed') : chip('is-warning', 'Unconfirmed')),
    h('td', null, it.confirmed_on ? relativeTime(it.confirmed_on) : it.last_confirmation_sent_on && h('small', null, 'email sent ', timestamp(it.last_confirmation_sent_on))),
    h('td', { class: 'end' },
      !it.confirmed && button('Confirm', withErrors(() => confirm(it)), { class: 'primary', data: { action: 'confirm' } }),
      !it.confirmed && button('Resend', withErrors(() => accountApi('POST', `/brands/default/senders/${it.id}/resend-confirmation-email`)), { title: 'Resend the confirmation email' }),
      button('Remove', () => openDialog(`Remove ${it.email}?`, h('p', null, 'The API rejects emails from a removed sender.'), 'Remove', () => accountApi('DELETE', `/brands/default/senders/${it.id}`), true))));
}

const accountApi = (method, path, body) => api(accounts.current().account_id, method, path, { body });

/// Confirms a sender with the link of its latest confirmation email.
async function confirm(sender) {
  const { data } = await control('GET', 'mailbox', { query: { address: sender.email } });
  const confirmation = data.at(-1);
  if (!confirmation) throw new Error(`No confirmation email to ${sender.email} exists. Resend it.`);
  await accountApi('POST', '/brands/default/senders/confirm-email', { confirmation_id: confirmation.confirmation_id });
}

const add = () => openDialog('Add sender', [
  field('Name', h('input', { name: 'name', required: true, value: 'Ada' })),
  field('Address', h('input', { name: 'email', type: 'email', required: true, placeholder: 'ada@example.com' }),
    `${accounts.current().email} is confirmed at once. Any other address gets a confirmation email with a link.`),
], 'Add', form => accountApi('POST', '/brands/default/senders', Object.fromEntries(form)));
