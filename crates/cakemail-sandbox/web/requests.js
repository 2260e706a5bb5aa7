// What was asked of the sandbox, and what it answered.

import * as accounts from './accounts.js';
import { control, listed } from './api.js';
import { blank, button, copy, h, head, icon } from './dom.js';
import { paged } from './paged.js';
import { part } from './part.js';
import { go, href, slip } from './route.js';
import { search } from './search.js';
import { age, moment } from './time.js';
import { chip } from './words.js';

export function requests(root) {
  let [open, query] = [null, ''];
  const find = search('Search method, path, operation, status', [], q => slip(href(open ? `requests/${open}` : 'requests', { q })));
  const master = h('section', { class: 'master' });
  const detail = h('section', { class: 'detail', 'aria-label': 'Request' });
  root.classList.add('split');
  root.append(master, detail);
  const list = paged(master, {
    head: h('div', null, head('Requests', 'To the API, newest first. Secrets are taken out.'), find.node),
    columns: ['Status', 'Request', 'Took', 'When'],
    rows: wanted => listed('requests', wanted, { q: query, account_id: accounts.only() }),
    key: it => it.id,
    row: it => row(it, query),
    blank: () => (query ? blank('Nothing matches', 'No request has this in its method, path, operation or status.') : blank('No requests yet', 'Whatever a client asks of the API is kept here.')),
  });

  async function show(route) {
    const { id } = route;
    query = route.query.get('q') ?? '';
    find.set(query);
    root.classList.toggle('open', id !== null);
    await Promise.all([list.show(route), id === open ? null : whole(id)]);
    for (const node of master.querySelectorAll('tr[data-request]')) node.classList.toggle('current', node.dataset.request === open);
  }

  /// A request that was answered does not change, so it is asked for once.
  async function whole(id) {
    open = id;
    if (!id) return detail.replaceChildren();
    try {
      const it = await control('GET', `requests/${id}`);
      detail.replaceChildren(sheet(it, query));
    } catch (error) {
      detail.replaceChildren(blank('This request is not here', error.message), back(query));
    }
  }

  return { show, keys: { Escape: () => open && go(href('requests', { q: query })) } };
}

const back = q => button([icon('back'), 'Requests'], () => go(href('requests', { q })), { class: 'quiet back' });

const tone = status => (status === 0 || status >= 500 ? 'is-hard_bounce' : status >= 400 ? 'is-warning' : 'is-delivered');

const statusOf = it => chip(tone(it.status), it.status || 'none', { title: it.status ? '' : 'There was no whole answer' });

const row = (it, q) => h('tr', { data: { request: it.id } },
  h('td', null, statusOf(it)),
  h('td', null, h('a', { class: 'over', href: href(`requests/${it.id}`, { q }) }, h('code', { title: it.path }, `${it.method} ${it.path}`)),
    h('small', null, it.operation, it.fault && chip('is-fault', it.fault))),
  h('td', { class: 'number wide' }, `${it.millis.toFixed(1)} ms`),
  h('td', { class: 'when' }, age(it.time)));

function sheet({ request, query, headers, body, answer, curl }, q) {
  return h('div', { class: 'sheet-page' },
    h('div', { class: 'letter-top' }, back(q), statusOf(request), request.fault && chip('is-fault', request.fault), h('span', { class: 'gap' }), copy(curl, 'Copy as curl')),
    h('h2', null, h('code', null, `${request.method} ${request.path}${query ? `?${query}` : ''}`)),
    h('p', { class: 'facts' }, `Number ${request.id}, `, moment(request.time), `, ${request.millis.toFixed(1)} ms`,
      request.operation && `, ${request.operation}`, request.user_agent && `, by ${request.user_agent}`),
    part('Request', headers, body), part('Answer', answer.headers, answer.body));
}
