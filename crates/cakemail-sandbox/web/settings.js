// The clock, the domain checks, the profile and the accounts.

import * as accounts from './accounts.js';
import { control } from './api.js';
import { copyButton } from './copy.js';
import { button, field, h, keyed, openDialog, pageHeader, select, withErrors } from './dom.js';
import { columnHeader } from './paged-table.js';
import { settingsForm } from './settings-form.js';
import { formatTime } from './time.js';

const UNITS = [['1000', 'seconds'], ['60000', 'minutes'], ['3600000', 'hours'], ['86400000', 'days']];

const setClock = body => control('POST', 'clock', { body });

export function settings(root) {
  const [clock, profile, domains, accountRows] = [h('p', { id: 'clock-state' }), h('div', { class: 'settings', id: 'profile' }), h('div', { class: 'settings' }), h('tbody')];
  const pace = h('input', { name: 'pace', type: 'number', min: 0, max: 1000000, step: 'any', value: 60, required: true });
  root.append(pageHeader('Clock & profile', 'The sandbox’s time, and its behaviour where the API’s sources disagree.'), h('div', { class: 'scroll' },
    h('section', null, h('h2', null, 'Clock'), clock,
      h('div', { class: 'form-grid' },
        form('advance', 'Advance', [field('Amount', h('input', { name: 'by', type: 'number', min: 0, step: 'any', value: 7, required: true })), field('Unit', select({ name: 'unit' }, UNITS, '86400000'))],
          it => setClock({ advance_ms: Math.round(Number(it.by) * Number(it.unit)) })),
        form('pace', 'Speed', [field('Factor; 0 freezes', pace)], it => setClock({ pace: Number(it.pace) }))),
      h('p', { class: 'row' }, button('Advance to the next event', withErrors(advanceToNext), { id: 'to-next' }), h('small', null, 'Tokens, logs, reports, confirmation links and webhooks use this clock.'))),
    h('section', null, h('h2', null, 'Domains'), domains),
    h('section', null, h('h2', null, 'Profile'), h('p', null, 'One setting for each point where the API’s public sources disagree or are silent.'), profile),
    h('section', null,
      h('div', { class: 'head' }, h('h2', null, 'Accounts'), h('div', { class: 'actions' }, button('Add account', add, { id: 'add-account' }))),
      h('table', { class: 'rows' }, h('thead', null, h('tr', null, ['ID', 'User name', 'Password', 'List', 'Sender', ''].map(columnHeader))), accountRows))));

  async function show() {
    const [time, chosen, checks] = await Promise.all([control('GET', 'clock'), control('GET', 'profile'), control('GET', 'domains')]);
    clock.textContent = `${formatTime(time.time)} UTC, ${time.pace === 0 ? 'frozen' : time.pace === 1 ? 'real time' : `${time.pace} times real time`}. `
      + (time.next ? `Next event at ${formatTime(time.next)}.` : 'No event is due.');
    keyed(domains, [checks.valid], () => 'valid', domain);
    keyed(accountRows, accounts.all(), it => it.account_id, account);
    await settingsForm(profile, 'Profile', chosen, body => control('PATCH', 'profile', { body }));
  }

  return { show };
}

const form = (name, title, inputs, submit) => h('form', {
  data: { set: name },
  onsubmit: withErrors(async event => {
    event.preventDefault();
    await submit(Object.fromEntries(new FormData(event.target)));
  }),
}, h('h3', null, title), inputs, h('button', { type: 'submit' }, 'Set'));

async function advanceToNext() {
  const { time, next: due } = await control('GET', 'clock');
  if (!due) throw new Error('No event is due.');
  await setClock({ advance_ms: Math.max(0, Date.parse(due) - Date.parse(time)) });
}

const domain = valid => h('div', { class: 'setting' },
  h('div', null, h('label', { for: 'domains' }, 'Domains pass their checks'), h('small', null, 'SPF, DKIM and tracking records, for all accounts. When they fail, emails are handled as the profile says.')),
  h('input', { id: 'domains', type: 'checkbox', role: 'switch', checked: valid, onchange: withErrors(event => control('PUT', 'domains', { body: { valid: event.currentTarget.checked } })) }));

const account = it => h('tr', { data: { account: it.account_id } },
  h('td', { class: 'number' }, it.account_id), h('td', null, it.email, copyButton(it.email, '')), h('td', null, it.password && [it.password, copyButton(it.password, '')]),
  h('td', { class: 'number' }, it.list_id), h('td', { class: 'number' }, it.sender_id ?? '–'),
  h('td', { class: 'end' }, button('Delete', () => openDialog(`Delete ${it.email}?`, h('p', null, 'This deletes the account and all its data.'), 'Delete', () => control('DELETE', `tenants/${it.account_id}`), true))));

const add = () => openDialog('Add account', [
  field('User name', h('input', { name: 'email', type: 'email' }), 'Generated when empty.'),
  field('Password', h('input', { name: 'password' }), 'Generated when empty.'),
], 'Add', form => control('POST', 'tenants', { body: Object.fromEntries([...form].filter(([, value]) => value)) }));
