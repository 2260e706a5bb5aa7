// The details of one webhook delivery.

import { control } from './api.js';
import { copyButton } from './copy.js';
import { button, emptyState, field, h, icon, withErrors } from './dom.js';
import { chip, plural } from './format.js';
import { httpMessage } from './http-message.js';
import { href, navigate } from './route.js';
import { relativeTime, timestamp } from './time.js';
import { notify } from './toast.js';

const TONES = { pending: 'is-queued', delivered: 'is-delivered', failed: 'is-hard_bounce', refused: 'is-warning' };

const state = it => [chip(TONES[it.state] ?? 'is-other', it.state), it.tampered && chip('is-warning', 'tampered')];

/// A row of a table. `about` shows which email the delivery is about.
export const deliveryRow = (it, query, about = true) => h('tr', { data: { delivery: it.id } },
  h('td', null,
    h('a', { class: 'row-link', href: href(`webhooks/${it.id}`, query) }, h('b', null, it.event), about && h('span', { class: 'about' }, subjectOf(it))),
    h('small', { class: 'truncate', title: it.url }, about && it.recipient && `${it.recipient} → `, it.url)),
  h('td', null, state(it), lastResponse(it)),
  h('td', { class: 'number wide' }, it.attempts.length),
  h('td', { class: 'when' }, relativeTime(it.due)));

const subjectOf = it => it.subject || (it.recipient ? 'No subject' : null);

function lastResponse(it) {
  const last = it.attempts.at(-1);
  return last && h('small', { class: 'short', title: last.error }, last.status ? `Response ${last.status}` : last.error);
}

/// Shows a delivery in `root`. `show` takes its id, or `null` for none.
export function delivery(root) {
  let [shown, open, form] = [null, null, null];

  async function show(id, query) {
    const details = id && await control('GET', `deliveries/${id}`).catch(error => ({ error }));
    const stamp = JSON.stringify(details);
    if (shown === stamp) return;
    shown = stamp;
    // The form keeps its values during a live update.
    if (open !== id) [open, form] = [id, id && replayForm(id)];
    if (!details) root.replaceChildren();
    else if (details.error) root.replaceChildren(back(query), emptyState('Delivery not found', details.error.message));
    else root.replaceChildren(detailPage(details, query, form));
  }

  return { show };
}

const back = query => button([icon('back'), 'Webhooks'], () => navigate(href('webhooks', query)), { class: 'quiet back' });

function detailPage({ delivery: it, headers, body }, query, form) {
  return h('div', { class: 'detail-page' },
    h('div', { class: 'detail-toolbar' }, back(query), state(it), h('span', { class: 'spacer' }), copyButton(it.id, 'Copy ID')),
    h('h1', { tabindex: '-1' }, it.event),
    h('dl', { class: 'facts' },
      h('dt', null, 'URL'), h('dd', null, h('code', null, it.url)),
      h('dt', null, 'Email'), h('dd', null, h('a', { href: href(`messages/${it.email_id}`) }, subjectOf(it) ?? it.email_id), it.recipient && ` to ${it.recipient}`),
      h('dt', null, it.state === 'pending' ? 'Next attempt' : 'Last attempt'), h('dd', null, timestamp(it.due))),
    form,
    h('section', { class: 'http-message' }, h('h2', { class: 'label' }, plural(it.attempts.length, 'attempt')),
      h('ol', { class: 'events' }, it.attempts.map(attempt))),
    httpMessage('Request', headers, body));
}

const attempt = it => h('li', { class: it.status >= 200 && it.status < 300 ? 'is-delivered' : 'is-hard_bounce' },
  h('b', null, it.status ? `Response ${it.status}` : it.error ?? 'No response'), relativeTime(it.time), h('small', null, `${it.millis.toFixed(1)} ms`));

const replayForm = id => h('form', {
  class: 'replay-form',
  id: 'replay',
  onsubmit: withErrors(async event => {
    event.preventDefault();
    const form = new FormData(event.target);
    const { total } = await control('POST', `deliveries/${id}/replay`, {
      body: { times: Number(form.get('times')), delay_ms: Math.round(Number(form.get('delay')) * 1000), tamper: form.has('tamper') },
    });
    notify(`${plural(total, 'delivery', 'deliveries')} scheduled`);
  }),
},
field('Copies', h('input', { name: 'times', type: 'number', min: 1, max: 100, value: 1, required: true })),
field('Delay (seconds)', h('input', { name: 'delay', type: 'number', min: 0, max: 86400, step: 'any', value: 0, required: true })),
h('label', { class: 'check' }, h('input', { name: 'tamper', type: 'checkbox' }), h('span', null, 'Change the body after signing')),
h('button', { type: 'submit', class: 'primary' }, 'Replay'));
