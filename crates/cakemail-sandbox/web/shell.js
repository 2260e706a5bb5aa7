// What surrounds every page: the account, the clock, how full the sandbox is, and reset.

import * as accounts from './accounts.js';
import { control } from './api.js';
import { ask, button, doing, field, h, icon, keyed, select } from './dom.js';
import { refresh } from './route.js';
import { exact, now, span, tell } from './time.js';
import { bytes, count } from './words.js';

const $ = id => document.getElementById(id);

let clock = { pace: 1 };
/// What `resume` goes back to.
let pace = 1;

export function start() {
  for (const [words, advance_ms] of [['+1 min', 60_000], ['+1 h', 3_600_000], ['+1 day', 86_400_000]]) {
    $('advance').append(button(words, () => wind({ advance_ms }), { data: { advance: advance_ms }, title: `Advance the clock by ${words.slice(1)}` }));
  }
  $('freeze').addEventListener('click', () => wind({ pace: clock.pace ? 0 : pace }));
  $('reset').addEventListener('click', reset);
  $('account').addEventListener('change', event => {
    accounts.choose(Number(event.target.value) || null);
    refresh();
  });
  setInterval(() => document.hidden || tick(), 250);
}

const wind = body => doing(async () => took(await control('POST', 'clock', { body })))();

function took(state) {
  clock = state;
  pace = state.pace || pace;
  tell(state);
  tick();
  const frozen = state.pace === 0;
  $('pace').textContent = frozen ? 'Frozen' : state.pace === 1 ? 'Real time' : `× ${state.pace}`;
  $('clock').classList.toggle('frozen', frozen);
  const words = frozen ? 'Resume' : 'Freeze';
  $('freeze').setAttribute('aria-label', words);
  $('freeze').replaceChildren(icon(frozen ? 'play' : 'pause'), h('span', null, words));
}

function tick() {
  const [date, time] = exact(now()).split(' ');
  $('date').textContent = date;
  $('time').textContent = time;
  const left = clock.next ? Date.parse(clock.next) - now() : null;
  $('next').textContent = left == null ? '' : left > 0 ? `next event in ${span(left + 999)}` : 'next event now';
}

/// Asks for all of it again.
export async function show() {
  const [state, health] = await Promise.all([control('GET', 'clock'), control('GET', 'health'), accounts.load()]);
  took(state);
  const { used, limit } = health.memory;
  $('memory').value = limit ? used / limit : 0;
  $('health').textContent = `${bytes(used)} of ${bytes(limit)} kept`;
  $('health').title = `${count(health.emails, 'email')}; beyond the limit the oldest go`;
  $('version').textContent = `Sandbox ${health.version}`;
  choices();
  const { total } = await control('GET', 'findings', { query: { per_page: 1, account_id: accounts.only() } });
  $('findings').textContent = total || '';
}

function choices() {
  const known = accounts.all();
  $('account').hidden = known.length < 2;
  const options = [['', 'All accounts'], ...known.map(it => [it.account_id, it.email])];
  keyed($('account'), options, ([id]) => id, ([value, words]) => h('option', { value }, words));
  $('account').value = accounts.only() ?? '';
}

function reset() {
  const known = accounts.all();
  const scope = known.length > 1 && field('Whose', select({ name: 'account_id' },
    [['', 'All accounts: everything'], ...known.map(it => [String(it.account_id), it.email])], String(accounts.only() ?? '')));
  ask('Reset the sandbox?', [
    h('p', null, 'Emails, tokens, senders, lists and faults go back to how they were at the start. This cannot be undone.'), scope,
  ], 'Reset', async form => {
    await control('POST', 'reset', { query: { account_id: form.get('account_id') } });
    refresh();
  }, true);
}
