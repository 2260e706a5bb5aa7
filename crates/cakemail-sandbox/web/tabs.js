// The tabs of an email. Viewing them does not count as an open.

import { baseUrl, control } from './api.js';
import { button, copyButton, h, icon, showError } from './dom.js';
import { formatBytes, plural, shellQuote } from './format.js';
import { headerTable } from './http-message.js';
import { href, replaceRoute } from './route.js';

/// Name in the route, label, and a function that builds the content.
const TABS = [
  ['rendered', 'Rendered', it => previewFrame(it.preview, 'The rendered email')],
  ['submitted', 'As submitted', it => previewFrame(it.as_submitted, 'The email as submitted')],
  ['text', 'Text', it => text(it.text, 'This email has no plain text.')],
  ['source', 'Source', source],
  ['headers', 'Headers', it => headerTable(it.headers)],
  ['attachments', 'Attachments', attachments],
  ['json', 'JSON', json],
];

/// Whether previews are as narrow as a phone; the next email keeps the choice.
let narrow = false;

export function tabs() {
  let [id, tab, query] = [null, null, ''];
  const open = name => replaceRoute(href(`messages/${id}/${name}`, { q: query }));
  const buttons = TABS.map(([name, label]) => button(label, () => open(name), {
    role: 'tab', id: `tab-${name}`, 'aria-controls': 'tab', data: { tab: name }, onkeydown: arrows,
  }));
  const pane = h('div', { id: 'tab', role: 'tabpanel', tabindex: '0' });
  const bar = h('div', { class: 'tabs', role: 'tablist', 'aria-label': 'Email views' }, buttons);

  function arrows(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const next = buttons.at((buttons.indexOf(event.currentTarget) + by) % buttons.length);
    next.focus();
    next.click();
  }

  function show(details, requested, q) {
    query = q;
    const name = TABS.some(([it]) => it === requested) ? requested : details.html ? 'rendered' : 'text';
    buttons.find(it => it.dataset.tab === 'attachments').textContent = details.files.length ? `Attachments ${details.files.length}` : 'Attachments';
    if (id === details.message.id && tab === name) return;
    [id, tab] = [details.message.id, name];
    for (const it of buttons) {
      const current = it.dataset.tab === name;
      it.setAttribute('aria-selected', current);
      it.tabIndex = current ? 0 : -1;
    }
    pane.setAttribute('aria-labelledby', `tab-${name}`);
    pane.replaceChildren(TABS.find(([it]) => it === name)[2](details));
  }

  const keys = Object.fromEntries(TABS.map(([name], at) => [at + 1, () => id && open(name)]));
  return { bar, pane, show, keys };
}

/// Shows untrusted HTML in a fully sandboxed frame: no scripts, no forms, no origin.
function previewFrame(src, title) {
  const frame = h('iframe', { sandbox: '', referrerpolicy: 'no-referrer', title, src });
  const widths = [[true, 'phone', 'Phone'], [false, 'desk', 'Desktop']].map(([value, symbol, label]) =>
    button([icon(symbol), label], () => { narrow = value; width(); }, { data: { width: label.toLowerCase() } }));
  function width() {
    frame.classList.toggle('narrow', narrow);
    widths.forEach((it, at) => it.setAttribute('aria-pressed', narrow === (at === 0)));
  }
  width();
  return h('div', { class: 'preview' },
    h('div', { class: 'note' }, h('span', null, 'Viewing does not count as an open.'), h('div', { class: 'segments', role: 'group', 'aria-label': 'Width' }, widths)),
    frame);
}

const text = (content, emptyText, ...actions) => (content
  ? h('div', { class: 'code' }, h('div', { class: 'note' }, actions, copyButton(content)), h('pre', { class: 'wrap' }, content))
  : h('p', { class: 'hint' }, emptyText));

function source(details) {
  const container = h('div', { class: 'fill' });
  control('GET', `messages/${details.message.id}/source`)
    .then(mime => container.append(text(mime, 'This email has no source.', h('a', { class: 'button quiet', href: details.source, download: `${details.message.id}.eml` }, icon('down'), 'Download'))))
    .catch(showError);
  return container;
}

function attachments(details) {
  if (!details.files.length) return h('p', { class: 'hint' }, 'This email has no attachments.');
  return h('ul', { class: 'files' }, details.files.map(it => h('li', null, icon('clip'),
    h('div', null, h('b', null, it.name), h('small', null, `${it.type} · ${formatBytes(it.size)}`)),
    h('a', { class: 'button', href: it.href, download: it.name }, icon('down'), 'Download'))));
}

function json(details) {
  const body = JSON.stringify(details.submission, null, 2);
  const curl = `curl ${baseUrl}/v2/emails \\\n  -H "Authorization: Bearer $TOKEN" \\\n  -H 'Content-Type: application/json' \\\n  -d ${shellQuote(body)}`;
  return text(body, '', h('span', null, `The submission, ${plural(body.split('\n').length, 'line')}`), copyButton(curl, 'Copy as curl', { title: 'The request that submits this email again' }));
}
