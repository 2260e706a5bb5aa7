// The tabs of an email. Viewing them does not count as an open.

import { attachments } from './attachments.js';
import { control, controlUrl, curlOfSubmission } from './api.js';
import { checks } from './checks.js';
import { copyButton } from './copy.js';
import { button, h, icon, showError } from './dom.js';
import { plural } from './format.js';
import { headerTable } from './http-message.js';
import { messageDeliveries } from './message-deliveries.js';
import { preview } from './preview.js';
import { href, replaceRoute } from './route.js';

/// A pane whose content depends on the email only, and is built once for each.
const fixed = build => () => {
  let id = null;
  const node = h('div', { class: 'pane' });
  return {
    node,
    show(details) {
      if (id === details.message.id) return;
      id = details.message.id;
      node.replaceChildren(build(details));
    },
  };
};

/// Name in the route, label, and a function that returns a pane: its `node`, and `show(details, route)`.
const TABS = [
  ['rendered', 'Rendered', () => preview(false)],
  ['submitted', 'As submitted', () => preview(true)],
  ['text', 'Text', fixed(it => text(it.text, 'This email has no plain text.'))],
  ['source', 'Source', fixed(source)],
  ['headers', 'Headers', fixed(it => headerTable(it.headers))],
  ['attachments', 'Attachments', fixed(attachments)],
  ['checks', 'Checks', checks],
  ['webhooks', 'Webhooks', messageDeliveries],
  ['json', 'JSON', fixed(json)],
];

export function tabs() {
  let [id, tab, query] = [null, null, {}];
  const panes = new Map();
  const open = name => replaceRoute(href(`messages/${id}/${name}`, query));
  const buttons = TABS.map(([name, label]) => button(label, () => open(name), {
    role: 'tab', id: `tab-${name}`, 'aria-controls': 'tab', data: { tab: name }, onkeydown: arrows,
  }));
  const pane = h('div', { id: 'tab', role: 'tabpanel', tabindex: '0' });
  const bar = h('div', { class: 'tabs', role: 'tablist', 'aria-label': 'Email views' }, buttons);

  function arrows(event) {
    const last = buttons.length - 1;
    const at = buttons.indexOf(event.currentTarget);
    const to = { ArrowLeft: at === 0 ? last : at - 1, ArrowRight: at === last ? 0 : at + 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    buttons[to].focus();
    buttons[to].click();
  }

  async function show(details, route) {
    query = Object.fromEntries(route.query);
    const name = TABS.some(([it]) => it === route.tab) ? route.tab : details.html ? 'rendered' : 'text';
    buttons.find(it => it.dataset.tab === 'attachments').textContent = details.files.length ? `Attachments ${details.files.length}` : 'Attachments';
    const changed = tab !== name || id !== details.message.id;
    [id, tab] = [details.message.id, name];
    for (const it of buttons) {
      const current = it.dataset.tab === name;
      it.setAttribute('aria-selected', current);
      it.tabIndex = current ? 0 : -1;
      // Only the list of tabs scrolls, not the page.
      if (current && changed) bar.scrollLeft = Math.max(0, it.offsetLeft - (bar.clientWidth - it.offsetWidth) / 2);
    }
    pane.setAttribute('aria-labelledby', `tab-${name}`);
    if (!panes.has(name)) panes.set(name, TABS.find(([it]) => it === name)[2]());
    const shown = panes.get(name);
    if (pane.firstChild !== shown.node) pane.replaceChildren(shown.node);
    if (changed) pane.scrollTop = 0;
    await shown.show(details, route);
  }

  const keys = Object.fromEntries(TABS.map(([name], at) => [at + 1, () => id && open(name)]));
  return { bar, pane, show, keys };
}

const text = (content, emptyText, ...actions) => (content
  ? h('div', { class: 'code' }, h('div', { class: 'note' }, actions, copyButton(content)), h('pre', { class: 'wrap' }, content))
  : h('p', { class: 'hint' }, emptyText));

function source(details) {
  const container = h('div');
  control('GET', `messages/${details.message.id}/source`)
    .then(mime => container.append(text(mime, 'This email has no source.',
      h('a', { class: 'button quiet', href: controlUrl(`messages/${details.message.id}/source`), download: `${details.message.id}.eml` }, icon('down'), 'Download'))))
    .catch(showError);
  return container;
}

function json(details) {
  const body = JSON.stringify(details.submission, null, 2);
  return text(body, '', h('span', null, `The submission, ${plural(body.split('\n').length, 'line')}`),
    copyButton(curlOfSubmission(details.submission), 'Copy as curl', { title: 'Copy the request that submits this email again' }));
}
