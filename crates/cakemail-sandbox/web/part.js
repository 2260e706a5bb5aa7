// Half of an exchange: headers and a body.

import { copy, h } from './dom.js';
import { count, pretty } from './words.js';

export const fields = headers => h('table', { class: 'fields' },
  h('tbody', null, headers.map(it => h('tr', null, h('th', { scope: 'row' }, it.name), h('td', null, it.value)))));

export const part = (title, headers, body) => h('section', { class: 'part' },
  h('h3', null, title),
  h('details', null, h('summary', null, count(headers.length, 'header')), fields(headers)),
  body
    ? h('div', { class: 'code' }, h('div', { class: 'note' }, copy(body)), h('pre', { class: 'wrap', tabindex: '0' }, pretty(body)))
    : h('p', { class: 'none' }, 'No body.'));
