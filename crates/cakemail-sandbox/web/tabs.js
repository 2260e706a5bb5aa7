// The ways to look at an email. None of them is an open.

import { control } from './api.js';
import { button, complain, copy, h, icon } from './dom.js';
import { fields } from './part.js';
import { href, slip } from './route.js';
import { bytes, count, quoted } from './words.js';

/// Each: its name in the address, its label, and what it shows.
const TABS = [
  ['rendered', 'Rendered', it => frame(it.preview, 'The email, rendered')],
  ['submitted', 'As submitted', it => frame(it.as_submitted, 'The email as it was submitted')],
  ['text', 'Text', it => text(it.text, 'This email has no plain text.')],
  ['source', 'Source', source],
  ['headers', 'Headers', it => fields(it.headers)],
  ['attachments', 'Attachments', attachments],
  ['json', 'JSON', json],
];

/// Outlives the email: who looks at one on a phone looks at the next one so.
let narrow = false;

export function tabs() {
  let [id, tab, query] = [null, null, ''];
  const to = name => slip(href(`messages/${id}/${name}`, { q: query }));
  const buttons = TABS.map(([name, label]) => button(label, () => to(name), {
    role: 'tab', id: `tab-${name}`, 'aria-controls': 'tab', data: { tab: name }, onkeydown: arrows,
  }));
  const pane = h('div', { id: 'tab', role: 'tabpanel', tabindex: '0' });
  const bar = h('div', { class: 'tabs', role: 'tablist', 'aria-label': 'Ways to look at it' }, buttons);

  function arrows(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const next = buttons.at((buttons.indexOf(event.currentTarget) + by) % buttons.length);
    next.focus();
    next.click();
  }

  function show(whole, asked, q) {
    query = q;
    const name = TABS.some(([it]) => it === asked) ? asked : whole.html ? 'rendered' : 'text';
    buttons.find(it => it.dataset.tab === 'attachments').textContent = whole.files.length ? `Attachments ${whole.files.length}` : 'Attachments';
    if (id === whole.message.id && tab === name) return;
    [id, tab] = [whole.message.id, name];
    for (const it of buttons) {
      const current = it.dataset.tab === name;
      it.setAttribute('aria-selected', current);
      it.tabIndex = current ? 0 : -1;
    }
    pane.setAttribute('aria-labelledby', `tab-${name}`);
    pane.replaceChildren(TABS.find(([it]) => it === name)[2](whole));
  }

  const keys = Object.fromEntries(TABS.map(([name], at) => [at + 1, () => id && to(name)]));
  return { bar, pane, show, keys };
}

/// Hostile HTML: in a frame that may do nothing at all, not even run scripts of its own origin, which it has not.
function frame(src, title) {
  const sheet = h('iframe', { sandbox: '', referrerpolicy: 'no-referrer', title, src });
  const widths = [[true, 'phone', 'Phone'], [false, 'desk', 'Desktop']].map(([value, picture, words]) =>
    button([icon(picture), words], () => { narrow = value; width(); }, { data: { width: words.toLowerCase() } }));
  function width() {
    sheet.classList.toggle('narrow', narrow);
    widths.forEach((it, at) => it.setAttribute('aria-pressed', narrow === (at === 0)));
  }
  width();
  return h('div', { class: 'preview' },
    h('div', { class: 'note' }, h('span', null, 'Viewing is never an open.'), h('div', { class: 'segments', role: 'group', 'aria-label': 'Width' }, widths)),
    sheet);
}

const text = (words, none, ...actions) => (words
  ? h('div', { class: 'code' }, h('div', { class: 'note' }, actions, copy(words)), h('pre', { class: 'wrap' }, words))
  : h('p', { class: 'none' }, none));

function source(whole) {
  const place = h('div', { class: 'fill' });
  control('GET', `messages/${whole.message.id}/source`)
    .then(mime => place.append(text(mime, 'There is no source.', h('a', { class: 'button quiet', href: whole.source, download: `${whole.message.id}.eml` }, icon('down'), 'Download'))))
    .catch(complain);
  return place;
}

function attachments(whole) {
  if (!whole.files.length) return h('p', { class: 'none' }, 'This email has no attachments.');
  return h('ul', { class: 'files' }, whole.files.map(it => h('li', null, icon('clip'),
    h('div', null, h('b', null, it.name), h('small', null, `${it.type} · ${bytes(it.size)}`)),
    h('a', { class: 'button', href: it.href, download: it.name }, icon('down'), 'Download'))));
}

function json(whole) {
  const words = JSON.stringify(whole.submission, null, 2);
  const again = `curl ${location.origin}/v2/emails \\\n  -H "Authorization: Bearer $TOKEN" \\\n  -H 'Content-Type: application/json' \\\n  -d ${quoted(words)}`;
  return text(words, '', h('span', null, `As it was submitted, ${count(words.split('\n').length, 'line')}`), copy(again, 'Copy curl', { title: 'The request that submits it again' }));
}
