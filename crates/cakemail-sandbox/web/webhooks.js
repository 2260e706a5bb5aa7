// The webhooks of an account, their deliveries, and the delivery faults.

import * as accounts from './accounts.js';
import { api, control, listFromApi, listFromControl, openApiDocument } from './api.js';
import { delivery, deliveryRow } from './delivery.js';
import { copyButton } from './copy.js';
import { button, emptyState, field, h, keyed, openDialog, pageHeader, select, withErrors } from './dom.js';
import { chip, plural } from './format.js';
import { pagedTable } from './paged-table.js';
import { href, navigate } from './route.js';
import { markRow, split } from './splitter.js';
import { settingsForm } from './settings-form.js';

const accountApi = (method, path, body) => api(accounts.current().account_id, method, path, { body });

export function webhooks(root) {
  let [open, webhook] = [null, null];
  const { master, detail, open: setOpen } = split(root, 'Delivery');

  const hooks = h('ul', { class: 'cards', id: 'webhooks' });
  const none = emptyState('No webhooks', 'A webhook receives the events of emails.');
  const faults = h('div', { class: 'settings', id: 'webhook-faults' });
  const title = h('h2', null);
  const lost = h('p', { class: 'summary' });
  const deliveries = pagedTable(master, {
    header: pageHeader('Webhooks', 'Events are signed and delivered to this machine only.', button('Add webhook', withErrors(add), { class: 'primary', id: 'add-webhook' })),
    before: [none, hooks, h('details', { class: 'fold' }, h('summary', null, 'Delivery faults'), faults), lost, title],
    perAccount: true,
    columns: ['Event and email', 'State', 'Attempts', 'Time'],
    rows: async limit => {
      const found = await listFromControl('deliveries', limit, { account_id: accounts.selectedId(), webhook_id: webhook });
      lost.textContent = found.dropped ? `${plural(found.dropped, 'delivery', 'deliveries')} dropped: too many were waiting.` : '';
      return found;
    },
    key: it => it.id,
    row: it => deliveryRow(it, { webhook }),
    empty: () => h('p', { class: 'hint' }, 'No deliveries yet.'),
  });
  const details = delivery(detail);

  async function show(route) {
    [open, webhook] = [route.id, route.query.get('webhook')];
    setOpen(open !== null);
    const [{ data }, faultSettings] = await Promise.all([
      listFromApi(accounts.current().account_id, '/webhooks', 100, { with_archived: true }), control('GET', 'webhook-faults'), details.show(open, { webhook }),
    ]);
    keyed(hooks, data, it => it.id, card);
    for (const node of hooks.children) node.classList.toggle('current', node.dataset.webhook === webhook);
    none.hidden = data.length > 0;
    title.replaceChildren(...(webhook ? ['Deliveries of one webhook ', h('a', { href: href('webhooks') }, 'Show all')] : ['Webhook deliveries']));
    const set = change => control('PUT', 'webhook-faults', { body: { ...faultSettings, ...change } });
    await Promise.all([settingsForm(faults, 'WebhookFaults', faultSettings, set), deliveries.show(route)]);
    markRow(master, 'delivery', open);
  }

  return {
    show,
    keys: { Escape: () => open && navigate(href('webhooks', { webhook })) },
    focus: () => detail.querySelector('h1'),
  };
}

function card(it) {
  const active = it.status === 'active';
  const key = h('p', { class: 'key', hidden: true });
  const reveal = button('Show key', withErrors(async () => {
    const { signature } = await accountApi('GET', `/webhooks/${it.id}`);
    key.replaceChildren(h('small', null, `${signature.hash_function} key `), h('code', null, signature.key), copyButton(signature.key, ''));
    key.hidden = false;
    reveal.hidden = true;
  }), { data: { action: 'key' } });
  return h('li', { data: { webhook: it.id } },
    h('div', null, h('a', { href: href('webhooks', { webhook: it.id }), title: 'Show only its deliveries' }, it.event), chip(active ? 'is-delivered' : 'is-other', it.status)),
    h('p', null, h('code', null, it.url), h('small', null, ` limit ${it.rate_limit} per ${it.rate_limit_period}`)),
    key,
    h('div', { class: 'actions' }, reveal,
      button(active ? 'Archive' : 'Unarchive', withErrors(() => accountApi('POST', `/webhooks/${it.id}/${active ? 'archive' : 'unarchive'}`)), { data: { action: active ? 'archive' : 'unarchive' } })));
}

async function add() {
  const { EventType, WebhookEventType } = (await openApiDocument('/openapi.json')).components.schemas;
  const emails = EventType.enum.filter(it => it.startsWith('Email.'));
  openDialog('Add webhook', [
    field('Event', select({ name: 'event' }, [...emails, ...WebhookEventType.enum.filter(it => !emails.includes(it))]), 'The API declares only the email events Clicked and Bounced. The profile setting “Email webhooks” allows the others.'),
    field('URL', h('input', { name: 'url', type: 'url', required: true, placeholder: 'http://127.0.0.1:3000/hook' })),
  ], 'Add', form => accountApi('POST', '/webhooks', Object.fromEntries(form)));
}
