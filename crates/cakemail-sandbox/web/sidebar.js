// The sidebar: account, clock, memory and reset.

import * as accounts from './accounts.js';
import { control } from './api.js';
import { button, field, h, icon, keyed, openDialog, select, withErrors } from './dom.js';
import { formatBytes, plural } from './format.js';
import { refresh } from './route.js';
import * as theme from './theme.js';
import { formatDuration, formatTime, now, syncClock } from './time.js';

const $ = id => document.getElementById(id);

let clock = { pace: 1 };
/// The speed that "Resume" restores.
let pace = 1;

export function start() {
  for (const [label, advance_ms] of [['+1 min', 60_000], ['+1 h', 3_600_000], ['+1 day', 86_400_000]]) {
    $('advance').append(button(label, () => setClock({ advance_ms }), { data: { advance: advance_ms }, title: `Advance the clock by ${label.slice(1)}` }));
  }
  $('freeze').addEventListener('click', () => setClock({ pace: clock.pace ? 0 : pace }));
  $('reset').addEventListener('click', reset);
  theme.start($('theme'));
  $('account').addEventListener('change', event => {
    accounts.select(Number(event.target.value) || null);
  });
  setInterval(() => document.hidden || tick(), 250);
}

const setClock = body => withErrors(async () => showClock(await control('POST', 'clock', { body })))();

function showClock(state) {
  clock = state;
  pace = state.pace || pace;
  syncClock(state);
  tick();
  const frozen = state.pace === 0;
  $('pace').textContent = frozen ? 'Frozen' : state.pace === 1 ? 'Real time' : `× ${state.pace}`;
  $('clock').classList.toggle('frozen', frozen);
  const label = frozen ? 'Resume' : 'Freeze';
  $('freeze').setAttribute('aria-label', label);
  $('freeze').replaceChildren(icon(frozen ? 'play' : 'pause'), h('span', null, label));
}

function tick() {
  const [date, time] = formatTime(now()).split(' ');
  $('date').textContent = date;
  $('time').textContent = time;
  const left = clock.next ? Date.parse(clock.next) - now() : null;
  $('next').textContent = left == null ? '' : left > 0 ? `next event in ${formatDuration(left + 999)}` : 'next event now';
}

/// Fetches and shows the current state.
export async function show() {
  const [state, health] = await Promise.all([control('GET', 'clock'), control('GET', 'health'), accounts.load()]);
  showClock(state);
  const { used, limit } = health.memory;
  $('memory').value = limit ? used / limit : 0;
  $('health').textContent = `${formatBytes(used)} of ${formatBytes(limit)} used`;
  $('health').title = `${plural(health.emails, 'email')}; above the limit the oldest are deleted`;
  $('version').textContent = `v${health.version}`;
  showAccounts();
  const { total } = await control('GET', 'findings', { query: { per_page: 1, account_id: accounts.selectedId() } });
  $('findings').textContent = total || '';
}

function showAccounts() {
  const all = accounts.all();
  $('account').hidden = all.length < 2;
  const options = [['', 'All accounts'], ...all.map(it => [it.account_id, it.email])];
  keyed($('account'), options, ([id]) => id, ([value, label]) => h('option', { value }, label));
  $('account').value = accounts.selectedId() ?? '';
}

function reset() {
  const all = accounts.all();
  const scope = all.length > 1 && field('Account', select({ name: 'account_id' },
    [['', 'All accounts'], ...all.map(it => [String(it.account_id), it.email])], String(accounts.selectedId() ?? '')));
  openDialog('Reset the sandbox?', [
    h('p', null, 'This deletes emails, tokens and faults, and restores senders and lists to their initial state. It cannot be undone.'), scope,
  ], 'Reset', async form => {
    await control('POST', 'reset', { query: { account_id: form.get('account_id') } });
    refresh();
  }, true);
}
