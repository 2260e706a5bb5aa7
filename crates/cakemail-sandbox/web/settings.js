// The clock, the choices between contradictory sources, the domains' checks, and the accounts.

import * as accounts from './accounts.js';
import { control } from './api.js';
import { ask, button, copy, doing, field, h, head, keyed, select } from './dom.js';
import { column } from './paged.js';
import { switches } from './switches.js';
import { exact } from './time.js';

const UNITS = [['1000', 'seconds'], ['60000', 'minutes'], ['3600000', 'hours'], ['86400000', 'days']];

const wind = body => control('POST', 'clock', { body });

export function settings(root) {
  const [clock, profile, domains, known] = [h('p', { id: 'clock-state' }), h('div', { class: 'settings', id: 'profile' }), h('div', { class: 'settings' }), h('tbody')];
  const pace = h('input', { name: 'pace', type: 'number', min: 0, max: 1000000, step: 'any', value: 60, required: true });
  root.append(head('Clock & profile', 'The time, and how the sandbox behaves where the sources disagree.'), h('div', { class: 'scroll' },
    h('section', null, h('h2', null, 'Clock'), clock,
      h('div', { class: 'simples' },
        form('advance', 'Advance', [field('By', h('input', { name: 'by', type: 'number', min: 0, step: 'any', value: 7, required: true })), field('Unit', select({ name: 'unit' }, UNITS, '86400000'))],
          it => wind({ advance_ms: Math.round(Number(it.by) * Number(it.unit)) })),
        form('pace', 'Pace', [field('Times real time; 0 freezes', pace)], it => wind({ pace: Number(it.pace) }))),
      h('p', { class: 'row' }, button('To the next event', doing(next), { id: 'to-next' }), h('small', null, 'Tokens, logs, reports, confirmations and webhooks follow this clock.'))),
    h('section', null, h('h2', null, 'Domains'), domains),
    h('section', null, h('h2', null, 'Profile'), h('p', null, 'A switch for each choice between contradictory sources of the API.'), profile),
    h('section', null,
      h('div', { class: 'head' }, h('h2', null, 'Accounts'), h('div', { class: 'actions' }, button('Add an account', add, { id: 'add-account' }))),
      h('table', { class: 'rows' }, h('thead', null, h('tr', null, ['Id', 'User name', 'Password', 'List', 'Sender', ''].map(column))), known))));

  async function show() {
    const [time, chosen, checks] = await Promise.all([control('GET', 'clock'), control('GET', 'profile'), control('GET', 'domains')]);
    clock.textContent = `${exact(time.time)} UTC, ${time.pace === 0 ? 'frozen' : time.pace === 1 ? 'in real time' : `${time.pace} times as fast as real time`}. `
      + (time.next ? `Something happens at ${exact(time.next)}.` : 'Nothing is due.');
    keyed(domains, [checks.valid], () => 'valid', domain);
    keyed(known, accounts.all(), it => it.account_id, account);
    await switches(profile, 'Profile', chosen, body => control('PATCH', 'profile', { body }));
  }

  return { show };
}

const form = (name, title, inputs, submit) => h('form', {
  data: { set: name },
  onsubmit: doing(async event => {
    event.preventDefault();
    await submit(Object.fromEntries(new FormData(event.target)));
  }),
}, h('h3', null, title), inputs, h('button', { type: 'submit' }, 'Set'));

async function next() {
  const { time, next: due } = await control('GET', 'clock');
  if (!due) throw new Error('Nothing is due.');
  await wind({ advance_ms: Math.max(0, Date.parse(due) - Date.parse(time)) });
}

const domain = valid => h('div', { class: 'setting' },
  h('div', null, h('label', { for: 'domains' }, 'Domains pass their checks'), h('small', null, 'SPF, DKIM and the tracking domain, of all accounts. Otherwise emails are refused or rejected, as the profile says.')),
  h('input', { id: 'domains', type: 'checkbox', role: 'switch', checked: valid, onchange: doing(event => control('PUT', 'domains', { body: { valid: event.currentTarget.checked } })) }));

const account = it => h('tr', { data: { account: it.account_id } },
  h('td', { class: 'number' }, it.account_id), h('td', null, it.email, copy(it.email, '')), h('td', null, it.password, copy(it.password, '')),
  h('td', { class: 'number' }, it.list_id), h('td', { class: 'number' }, it.sender_id ?? '–'),
  h('td', { class: 'end' }, button('End', () => ask(`End ${it.email}?`, h('p', null, 'All that is this account’s goes with it.'), 'End', () => control('DELETE', `tenants/${it.account_id}`), true))));

const add = () => ask('Add an account', [
  field('User name', h('input', { name: 'email', type: 'email' }), 'Made up when empty.'),
  field('Password', h('input', { name: 'password' }), 'Made up when empty.'),
], 'Add', given => control('POST', 'tenants', { body: Object.fromEntries([...given].filter(([, value]) => value)) }));
