// The webhooks of an account, what goes wrong with their deliveries, and the deliveries.

import * as accounts from './accounts.js';
import { api, control, described, listed, owned } from './api.js';
import { ask, blank, button, copy, doing, field, h, head, keyed, select } from './dom.js';
import { delivery, deliveryRow } from './delivery.js';
import { paged } from './paged.js';
import { go, href } from './route.js';
import { switches } from './switches.js';
import { chip } from './words.js';

const own = (method, path, body) => api(accounts.own().account_id, method, path, { body });

export function webhooks(root) {
  let [open, webhook] = [null, null];
  const master = h('section', { class: 'master' });
  const detail = h('section', { class: 'detail', 'aria-label': 'Delivery' });
  root.classList.add('split');
  root.append(master, detail);

  const hooks = h('ul', { class: 'cards', id: 'webhooks' });
  const none = blank('No webhooks', 'Add one: it is told what becomes of emails.');
  const webhook-faults = h('div', { class: 'settings', id: 'webhook-faults' });
  const title = h('h2', null);
  const deliveries = paged(master, {
    head: head('Webhooks', 'Events are signed, and delivered to this machine only.', button('Add a webhook', doing(add), { class: 'primary', id: 'add-webhook' })),
    before: [none, hooks, h('details', { class: 'fold' }, h('summary', null, 'Let deliveries go wrong'), webhook-faults), title],
    own: true,
    columns: ['Event', 'State', 'Attempts', 'When'],
    rows: wanted => listed('deliveries', wanted, { account_id: accounts.only(), webhook_id: webhook }),
    key: it => it.id,
    row: it => deliveryRow(it, webhook),
    blank: () => h('p', { class: 'none' }, 'Nothing was delivered yet.'),
  });
  const whole = delivery(detail);

  async function show(route) {
    [open, webhook] = [route.id, route.query.get('webhook')];
    root.classList.toggle('open', open !== null);
    const [{ data }, wrong] = await Promise.all([
      owned(accounts.own().account_id, '/webhooks', 100, { with_archived: true }), control('GET', 'webhook-faults'), whole.show(open, webhook),
    ]);
    keyed(hooks, data, it => it.id, card);
    for (const node of hooks.children) node.classList.toggle('current', node.dataset.webhook === webhook);
    none.hidden = data.length > 0;
    title.replaceChildren(...(webhook ? ['Deliveries of one webhook ', h('a', { href: '#/webhooks' }, 'Show all')] : ['Deliveries']));
    const set = change => control('PUT', 'webhook-faults', { body: { ...wrong, ...change } });
    await Promise.all([switches(webhook-faults, 'WebhookFaults', wrong, set), deliveries.show(route)]);
    for (const node of master.querySelectorAll('tr[data-delivery]')) node.classList.toggle('current', node.dataset.delivery === open);
  }

  return { show, keys: { Escape: () => open && go(href('webhooks', { webhook })) } };
}

function card(it) {
  const active = it.status === 'active';
  const key = h('p', { class: 'key', hidden: true });
  const reveal = button('Show key', doing(async () => {
    const { signature } = await own('GET', `/webhooks/${it.id}`);
    key.replaceChildren(h('small', null, `${signature.hash_function} key `), h('code', null, signature.key), copy(signature.key, ''));
    key.hidden = false;
    reveal.hidden = true;
  }), { data: { action: 'key' } });
  return h('li', { data: { webhook: it.id } },
    h('div', null, h('a', { href: href('webhooks', { webhook: it.id }), title: 'Only its deliveries' }, it.event), chip(active ? 'is-delivered' : 'is-other', it.status)),
    h('p', null, h('code', null, it.url), h('small', null, ` at most ${it.rate_limit} a ${it.rate_limit_period}`)),
    key,
    h('div', { class: 'actions' }, reveal,
      button(active ? 'Archive' : 'Bring back', doing(() => own('POST', `/webhooks/${it.id}/${active ? 'archive' : 'unarchive'}`)), { data: { action: active ? 'archive' : 'unarchive' } })));
}

async function add() {
  const { EventType, WebhookEventType } = (await described('/openapi.json')).components.schemas;
  const emails = EventType.enum.filter(it => it.startsWith('Email.'));
  ask('Add a webhook', [
    field('Event', select({ name: 'event' }, [...emails, ...WebhookEventType.enum.filter(it => !emails.includes(it))]), 'Of emails only clicks and bounces are declared by the API: the profile lets the others be taken.'),
    field('URL', h('input', { name: 'url', type: 'url', required: true, placeholder: 'http://127.0.0.1:3000/hook' })),
  ], 'Add', form => own('POST', '/webhooks', Object.fromEntries(form)));
}
