// The keyboard.

import { button, h } from './dom.js';
import { go } from './route.js';

const PLACES = {
  i: ['inbox', 'Inbox'], s: ['senders', 'Senders'], l: ['lists', 'Lists'], u: ['suppressions', 'Suppressions'],
  w: ['webhooks', 'Webhooks'], r: ['requests', 'Requests'], f: ['findings', 'Findings'], x: ['faults', 'Faults'],
  y: ['rules', 'Rules'], c: ['settings', 'Clock & profile'],
};

const HELP = [
  ['Everywhere', [['/', 'Search'], ['?', 'This help'], ['Esc', 'Back, or close']]],
  ['Inbox', [
    ['j  k', 'Next, previous email (or the arrows)'], ['Enter', 'Open'], ['1 … 7', 'Rendered, As submitted, Text, Source, Headers, Attachments, JSON'],
  ]],
  ['An open email', [
    ['d', 'Deliver'], ['o', 'Open'], ['c', 'Click a link'], ['s', 'Soft bounce'], ['b', 'Bounce'], ['m', 'Complain'], ['u', 'Unsubscribe'],
  ]],
  ['Go to', Object.entries(PLACES).map(([key, [, words]]) => [`g ${key}`, words])],
];

const typing = node => node.closest('input, textarea, select, [contenteditable]');

/// Listens. `keys` answers what the shown page does for which key.
export function start(keys) {
  let going = false;
  document.getElementById('help').addEventListener('click', help);
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
    if (typing(event.target)) {
      if (event.key === 'Escape') event.target.blur();
      return;
    }
    const action = going ? PLACES[event.key] && (() => go(`#/${PLACES[event.key][0]}`)) : common[event.key] ?? keys()[event.key];
    going = !going && event.key === 'g';
    if (!action) return;
    event.preventDefault();
    action(event);
  });
  document.addEventListener('click', event => closeMenus(event.target));
}

const common = {
  '?': help,
  '/': () => document.querySelector('#main input[type=search]')?.focus(),
};

/// Closes menus that were left; answers whether there were any.
export function closeMenus(within) {
  const open = [...document.querySelectorAll('details.menu[open]')].filter(it => !within || !it.contains(within));
  for (const menu of open) menu.open = false;
  return open.length > 0;
}

function help() {
  const dialog = h('dialog', { id: 'keys', 'aria-label': 'Keyboard', onclose: () => dialog.remove() },
    h('h2', null, 'Keyboard'),
    h('div', { class: 'columns' }, HELP.map(([title, rows]) => h('section', null, h('h3', null, title),
      h('dl', null, rows.map(([key, words]) => [h('dt', null, key.split('  ').map(it => h('kbd', null, it))), h('dd', null, words)]))))),
    h('menu', null, button('Close', () => dialog.close(), { class: 'primary' })));
  document.body.append(dialog);
  dialog.showModal();
}
