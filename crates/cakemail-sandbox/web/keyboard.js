// Keyboard shortcuts.

import { button, h } from './dom.js';
import { href, navigate } from './route.js';

const PAGES = {
  i: ['inbox', 'Inbox'], s: ['senders', 'Senders'], l: ['lists', 'Lists'], u: ['suppressions', 'Suppressions'],
  w: ['webhooks', 'Webhooks'], r: ['requests', 'Requests'], f: ['findings', 'Findings'], x: ['faults', 'Faults'],
  y: ['rules', 'Rules'], c: ['settings', 'Clock & profile'],
};

const HELP = [
  ['Everywhere', [['/', 'Search'], ['?', 'Keyboard shortcuts'], ['Esc', 'Back or close']]],
  ['Inbox', [
    ['j  k', 'Next, previous email (in the list also the arrow keys)'], ['Enter', 'Open'], ['Del  #', 'Delete'], ['z', 'Undo the deletion'],
    ['1 … 9', 'Rendered, As submitted, Text, Source, Headers, Attachments, Checks, Webhooks, JSON'], ['f', 'Full screen'], ['v', 'Mark as read or unread'],
  ]],
  ['Record an event of the open email, after a question', [
    ['d', 'Deliver'], ['o', 'Open'], ['c', 'Click a link'], ['s', 'Soft bounce'], ['b', 'Bounce'], ['m', 'Complain'], ['u', 'Unsubscribe'],
  ]],
  ['Go to', Object.entries(PAGES).map(([key, [, label]]) => [`g ${key}`, label])],
];

const typing = node => node.closest('input, textarea, select, [contenteditable]');

/// Starts listening. `keys()` returns the current page's actions by key.
export function start(keys) {
  let goPrefix = false;
  document.getElementById('help').addEventListener('click', help);
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
    if (typing(event.target)) {
      if (event.key === 'Escape') event.target.blur();
      return;
    }
    const action = goPrefix ? PAGES[event.key] && (() => navigate(href(PAGES[event.key][0]))) : common[event.key] ?? keys()[event.key];
    goPrefix = !goPrefix && event.key === 'g';
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

/// Closes open menus, except one that contains `within`; returns whether any was open.
export function closeMenus(within) {
  const open = [...document.querySelectorAll('details.menu[open]')].filter(it => !within || !it.contains(within));
  for (const menu of open) {
    // The focus of a closed menu's item would be lost.
    if (menu.contains(document.activeElement)) menu.querySelector('summary').focus();
    menu.open = false;
  }
  return open.length > 0;
}

function help() {
  const dialog = h('dialog', { id: 'keys', 'aria-label': 'Keyboard shortcuts', onclose: () => dialog.remove() },
    h('h2', null, 'Keyboard shortcuts'),
    h('div', { class: 'columns' }, HELP.map(([title, rows]) => h('section', null, h('h3', null, title),
      h('dl', null, rows.map(([key, label]) => [h('dt', null, key.split('  ').map(it => h('kbd', null, it))), h('dd', null, label)]))))),
    h('menu', null, button('Close', () => dialog.close(), { class: 'primary' })));
  document.body.append(dialog);
  dialog.showModal();
}
