// The sandbox's pages: finds the page of the address, and lets it show what is there, again after each change.

import { complain, h } from './dom.js';
import { faults } from './faults.js';
import { findings } from './findings.js';
import { inbox } from './inbox.js';
import * as keys from './keys.js';
import { lists } from './lists.js';
import { live } from './live.js';
import { requests } from './requests.js';
import { here } from './route.js';
import { rules } from './rules.js';
import { senders } from './senders.js';
import { settings } from './settings.js';
import * as shell from './shell.js';
import { suppressions } from './suppressions.js';
import { webhooks } from './webhooks.js';

/// A page is made once in its place, and then told to `show` what its address asks for, as often as something changes.
const PAGES = {
  inbox, messages: inbox, senders, lists, suppressions, webhooks, requests, findings, faults, rules, settings,
};

const main = document.getElementById('main');
const nav = document.getElementById('nav');
const gone = document.getElementById('gone');

let view = { keys: {} };
let [showing, again] = [false, false];

/// One at a time, and the latest address wins.
async function show() {
  again = true;
  if (showing) return;
  showing = true;
  while (again) {
    again = false;
    await render().catch(complain);
  }
  showing = false;
}

async function render() {
  const route = here();
  const make = PAGES[route.page] ?? inbox;
  if (view.make !== make) {
    const place = h('div', { class: 'page', data: { page: make.name } });
    main.replaceChildren(place);
    view = { keys: {}, ...make(place), make };
    nav.querySelectorAll('a').forEach(it => {
      const current = it.hash === `#/${make.name}`;
      if (current) it.setAttribute('aria-current', 'page');
      else it.removeAttribute('aria-current');
      if (current) document.title = `${it.dataset.title} · Cakemail sandbox`;
    });
  }
  await view.show(route);
}

async function everything() {
  await shell.show().then(() => { gone.hidden = true; }, complain);
  await show();
}

function menu(open) {
  document.body.classList.toggle('menu', open);
  document.getElementById('burger').setAttribute('aria-expanded', open);
}

shell.start();
keys.start(() => ({ ...view.keys, Escape: () => keys.closeMenus() || view.keys.Escape?.() }));
document.getElementById('burger').addEventListener('click', () => menu(!document.body.classList.contains('menu')));
document.getElementById('alert').querySelector('button').addEventListener('click', event => { event.currentTarget.parentNode.hidden = true; });

const change = live(everything, there => { gone.hidden = there; });
addEventListener('refresh', change);
addEventListener('hashchange', () => {
  menu(false);
  document.getElementById('alert').hidden = true;
  show();
});
everything();
