// The requests that the sandbox received, with their responses.

import * as accounts from './accounts.js';
import { control, listFromControl } from './api.js';
import { copyButton } from './copy.js';
import { button, emptyState, h, icon, pageHeader } from './dom.js';
import { chip } from './format.js';
import { httpMessage } from './http-message.js';
import { pagedTable } from './paged-table.js';
import { href, navigate, replaceRoute } from './route.js';
import { searchBox } from './search-box.js';
import { markRow, split } from './splitter.js';
import { relativeTime, timestamp } from './time.js';

export function requests(root) {
  let [open, query] = [null, ''];
  const searchForm = searchBox('Search method, path, operation, status', [], q => replaceRoute(href(open ? `requests/${open}` : 'requests', { q })));
  const page = split(root, 'Request');
  const { detail } = page;
  const list = pagedTable(page.master, {
    header: h('div', null, pageHeader('Requests', 'Requests to the API, newest first. Secrets are redacted.'), searchForm.node),
    columns: ['Status', 'Request', 'Duration', 'Time'],
    rows: limit => listFromControl('requests', limit, { q: query, account_id: accounts.selectedId() }),
    key: it => it.id,
    row: it => row(it, query),
    empty: () => (query ? emptyState('No matches', 'No request contains this text in its method, path, operation or status.') : emptyState('No requests yet', 'Requests to the API appear here.')),
  });

  async function show(route) {
    const { id } = route;
    query = route.query.get('q') ?? '';
    searchForm.set(query);
    page.open(id !== null);
    await Promise.all([list.show(route), id === open ? null : showDetails(id)]);
    markRow(page.master, 'request', open);
  }

  /// A completed request does not change, so its details are fetched once.
  async function showDetails(id) {
    open = id;
    if (!id) return detail.replaceChildren();
    try {
      const it = await control('GET', `requests/${id}`);
      detail.replaceChildren(detailPage(it, query));
    } catch (error) {
      detail.replaceChildren(back(query), emptyState('Request not found', error.message));
    }
  }

  return {
    show,
    keys: { Escape: () => open && navigate(href('requests', { q: query })) },
    focus: () => detail.querySelector('h1'),
  };
}

const back = q => button([icon('back'), 'Requests'], () => navigate(href('requests', { q })), { class: 'quiet back' });

const tone = status => (status === 0 || status >= 500 ? 'is-hard_bounce' : status >= 400 ? 'is-warning' : 'is-delivered');

const statusOf = it => chip(tone(it.status), it.status || 'none', { title: it.status ? '' : 'No complete response was sent' });

const row = (it, q) => h('tr', { data: { request: it.id } },
  h('td', null, statusOf(it)),
  h('td', null, h('a', { class: 'row-link', href: href(`requests/${it.id}`, { q }) }, h('code', { title: it.path }, `${it.method} ${it.path}`)),
    h('small', { class: 'truncate', title: it.about }, it.about ?? it.operation, it.fault && chip('is-fault', it.fault))),
  h('td', { class: 'number wide' }, `${it.millis.toFixed(1)} ms`),
  h('td', { class: 'when' }, relativeTime(it.time)));

function detailPage({ request, query, headers, body, response, curl }, q) {
  return h('div', { class: 'detail-page' },
    h('div', { class: 'detail-toolbar' }, back(q), statusOf(request), request.fault && chip('is-fault', request.fault), h('span', { class: 'spacer' }), copyButton(curl, 'Copy as curl')),
    h('h1', { tabindex: '-1' }, h('code', null, `${request.method} ${request.path}${query ? `?${query}` : ''}`)),
    h('p', { class: 'facts' }, request.about && [h('b', null, request.about), h('br')], `Request ${request.id}, `, timestamp(request.time), `, ${request.millis.toFixed(1)} ms`,
      request.operation && `, ${request.operation}`, request.user_agent && `, ${request.user_agent}`),
    httpMessage('Request', headers, body), httpMessage('Response', response.headers, response.body));
}
