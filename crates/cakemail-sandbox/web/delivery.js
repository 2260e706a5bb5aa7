// One delivery of an event to a webhook.

import { control } from './api.js';
import { blank, button, copy, doing, field, h, icon, say } from './dom.js';
import { part } from './part.js';
import { go, href } from './route.js';
import { age, moment } from './time.js';
import { chip, count } from './words.js';

const TONES = { pending: 'is-queued', delivered: 'is-delivered', failed: 'is-hard_bounce', refused: 'is-warning' };

const state = it => [chip(TONES[it.state] ?? 'is-other', it.state), it.tampered && chip('is-warning', 'tampered')];

export const deliveryRow = (it, webhook) => h('tr', { data: { delivery: it.id } },
  h('td', null, h('a', { class: 'over', href: href(`webhooks/${it.id}`, { webhook }) }, it.event), h('small', { class: 'cut', title: it.url }, it.url)),
  h('td', null, state(it)),
  h('td', { class: 'number wide' }, it.attempts.length),
  h('td', { class: 'when' }, age(it.due)));

/// A delivery in its place. `show` takes its id, or `null` for none.
export function delivery(root) {
  let [shown, open, form] = [null, null, null];

  async function show(id, webhook) {
    const whole = id && await control('GET', `deliveries/${id}`).catch(error => ({ error }));
    const stamp = JSON.stringify(whole);
    if (shown === stamp) return;
    shown = stamp;
    // What was filled in outlives a live update.
    if (open !== id) [open, form] = [id, id && again(id)];
    if (!whole) root.replaceChildren();
    else if (whole.error) root.replaceChildren(blank('This delivery is not here', whole.error.message), back(webhook));
    else root.replaceChildren(sheet(whole, webhook, form));
  }

  return { show };
}

const back = webhook => button([icon('back'), 'Webhooks'], () => go(href('webhooks', { webhook })), { class: 'quiet back' });

function sheet({ delivery: it, headers, body }, webhook, form) {
  return h('div', { class: 'sheet-page' },
    h('div', { class: 'letter-top' }, back(webhook), state(it), h('span', { class: 'gap' }), copy(it.id, 'Copy id')),
    h('h2', null, it.event),
    h('dl', { class: 'facts' },
      h('dt', null, 'To'), h('dd', null, h('code', null, it.url)),
      h('dt', null, 'Email'), h('dd', null, h('a', { href: href(`messages/${it.email_id}`) }, it.email_id)),
      h('dt', null, it.state === 'pending' ? 'Due' : 'Last'), h('dd', null, moment(it.due))),
    form,
    h('section', { class: 'part' }, h('h3', null, count(it.attempts.length, 'attempt')),
      h('ol', { class: 'life' }, it.attempts.map(attempt))),
    part('What is sent', headers, body));
}

const attempt = it => h('li', { class: it.status >= 200 && it.status < 300 ? 'is-delivered' : 'is-hard_bounce' },
  h('b', null, it.status ? `Answered ${it.status}` : it.error ?? 'No answer'), age(it.time), h('small', null, `${it.millis.toFixed(1)} ms`));

const again = id => h('form', {
  class: 'again',
  id: 'replay',
  onsubmit: doing(async event => {
    event.preventDefault();
    const form = new FormData(event.target);
    const { total } = await control('POST', `deliveries/${id}/replay`, {
      body: { times: Number(form.get('times')), delay_ms: Math.round(Number(form.get('delay')) * 1000), tamper: form.has('tamper') },
    });
    say(`${count(total, 'delivery', 'deliveries')} on the way`);
  }),
},
field('Times', h('input', { name: 'times', type: 'number', min: 1, max: 100, value: 1, required: true })),
field('Later by, in s', h('input', { name: 'delay', type: 'number', min: 0, max: 86400, step: 'any', value: 0, required: true })),
h('label', { class: 'check' }, h('input', { name: 'tamper', type: 'checkbox' }), h('span', null, 'Tamper with the body')),
h('button', { type: 'submit', class: 'primary' }, 'Deliver again'));
