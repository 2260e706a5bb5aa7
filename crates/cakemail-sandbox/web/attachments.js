// The attachments of an email. Pictures and texts are shown in the page, from bytes and as nothing but pictures and texts.

import { controlUrl } from './api.js';
import { button, h, icon, withErrors } from './dom.js';
import { formatBytes } from './format.js';

const PICTURES = { png: 'image/png', jpeg: 'image/jpeg' };
const TEXTS = ['csv', 'calendar'];
/// How much of a text is shown, in bytes.
const MAX_TEXT = 256 * 1024;

export function attachments(details) {
  if (!details.files.length) return h('p', { class: 'hint' }, 'This email has no attachments.');
  return h('ul', { class: 'files' }, details.files.map((it, at) => file(it, controlUrl(`messages/${details.message.id}/attachments/${at}`))));
}

function file(it, href) {
  const shown = h('div', { class: 'file-preview', hidden: true });
  const canShow = PICTURES[it.type] || TEXTS.includes(it.type);
  const toggle = canShow && button('Preview', withErrors(async () => {
    shown.hidden = !shown.hidden;
    toggle.setAttribute('aria-expanded', !shown.hidden);
    if (!shown.firstChild) shown.append(await content(href, it));
  }), { 'aria-expanded': 'false', 'aria-label': `Preview ${it.name}` });
  const pdf = it.type === 'pdf' && button('Open', withErrors(() => openPdf(href)), { title: 'Opens the browser’s own PDF viewer in a new tab', 'aria-label': `Open ${it.name} in a new tab` });
  return h('li', null,
    h('div', { class: 'file' }, icon('clip'),
      h('div', null, h('b', null, it.name), h('small', null, `${it.type} · ${formatBytes(it.size)}`)),
      toggle, pdf, h('a', { class: 'button', href, download: it.name, 'aria-label': `Download ${it.name}` }, icon('down'), 'Download')),
    shown);
}

async function bytes(href) {
  const response = await fetch(href);
  if (!response.ok) throw new Error(`The attachment cannot be read: ${response.status}`);
  return response.blob();
}

async function content(href, it) {
  const blob = await bytes(href);
  if (TEXTS.includes(it.type)) {
    const rest = blob.size - MAX_TEXT;
    return h('pre', { class: 'wrap', tabindex: '0' }, await blob.slice(0, MAX_TEXT).text(), rest > 0 ? `\n… and ${formatBytes(rest)} more` : '');
  }
  return h('img', { src: await dataUrl(blob, PICTURES[it.type]), alt: it.name });
}

const dataUrl = (blob, type) => new Promise((resolve, reject) => {
  const reader = new FileReader();
  reader.onload = () => resolve(reader.result);
  reader.onerror = () => reject(reader.error);
  reader.readAsDataURL(new Blob([blob], { type }));
});

/// Browsers show no PDF in a sandboxed frame, so it opens outside of the page.
async function openPdf(href) {
  const url = URL.createObjectURL(new Blob([await bytes(href)], { type: 'application/pdf' }));
  h('a', { href: url, target: '_blank', rel: 'noopener noreferrer' }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
