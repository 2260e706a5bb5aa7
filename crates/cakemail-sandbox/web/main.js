// Entry point: shows the page of the current route, and refreshes it after each change.

import { h, showError } from './dom.js';
import { faults } from './faults.js';
import { findings } from './findings.js';
import { inbox } from './inbox.js';
import * as keyboard from './keyboard.js';
import { lists } from './lists.js';
import { watchChanges } from './live.js';
import { requests } from './requests.js';
import { currentRoute, href } from './route.js';
import { rules } from './rules.js';
import { senders } from './senders.js';
import { settings } from './settings.js';
import * as sidebar from './sidebar.js';
import { suppressions } from './suppressions.js';
import { webhooks } from './webhooks.js';

/// Each page is built once; its `show(route)` is called when the route or the sandbox's state changes.
const PAGES = {
  inbox, messages: inbox, senders, lists, suppressions, webhooks, requests, findings, faults, rules, settings,
};

const main = document.getElementById('main');
const nav = document.getElementById('nav');
const unreachable = document.getElementById('unreachable');

let view = { keys: {}, account: null };
let [rendering, requested] = [false, false];

/// Renders the current route. Only one rendering runs at a time; the latest route wins.
async function show() {
  requested = true;
  if (rendering) return;
  rendering = true;
  while (requested) {
    requested = false;
    await render().catch(showError);
  }
  rendering = false;
}

async function render() {
  const route = currentRoute();
  const build = PAGES[route.page] ?? inbox;
  const account = route.query.get('account');
  const focused = main.contains(document.activeElement);
  if (view.build !== build || view.account !== account) {
    const root = h('div', { class: 'page', data: { page: build.name } });
    document.body.classList.remove('full');
    main.replaceChildren(root);
    view = { keys: {}, ...build(root), build, account };
    showCurrent(build.name);
  }
  await view.show(route);
  if (focused && !canHoldFocus(document.activeElement)) (view.focus?.() ?? main).focus({ preventScroll: true });
}

/// Whether the focus is on something that is shown, rather than lost with an element that was replaced or hidden.
const canHoldFocus = it => it !== document.body && it.checkVisibility();

function showCurrent(name) {
  for (const link of nav.querySelectorAll('a')) {
    const current = link.dataset.page === name;
    link.href = href(link.dataset.page);
    if (current) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
    if (current) document.title = `${link.dataset.title} · Cakemail sandbox`;
  }
}

/// Each request to the sandbox changes these, and only some pages show them.
const INSPECTED = new Set(['requests', 'findings']);
const INSPECTING = new Set([requests, findings, faults]);

async function refreshAll(changed) {
  await sidebar.show().then(() => { unreachable.hidden = true; }, showError);
  if (INSPECTING.has(view.build) || [...changed].some(it => !INSPECTED.has(it))) await show();
}

function toggleMenu(open) {
  document.body.classList.toggle('menu', open);
  document.getElementById('burger').setAttribute('aria-expanded', open);
}

sidebar.start();
keyboard.start(() => ({ ...view.keys, Escape: () => keyboard.closeMenus() || view.keys.Escape?.() }));
document.getElementById('skip').addEventListener('click', event => {
  event.preventDefault();
  main.focus();
});
document.getElementById('burger').addEventListener('click', () => toggleMenu(!document.body.classList.contains('menu')));
document.getElementById('alert').querySelector('button').addEventListener('click', event => { event.currentTarget.parentNode.hidden = true; });

const requestRefresh = watchChanges(refreshAll, reachable => { unreachable.hidden = reachable; });
addEventListener('refresh', requestRefresh);
addEventListener('hashchange', () => {
  toggleMenu(false);
  document.getElementById('alert').hidden = true;
  show();
});
refreshAll(['everything']);
