// Shows the headers and the body of a request or a response.

import { copyButton } from './copy.js';
import { h } from './dom.js';
import { plural, prettyJson } from './format.js';

export const headerTable = headers => h('table', { class: 'fields' },
  h('tbody', null, headers.map(it => h('tr', null, h('th', { scope: 'row' }, it.name), h('td', null, it.value)))));

export const httpMessage = (title, headers, body) => h('section', { class: 'http-message' },
  h('h2', { class: 'label' }, title),
  h('details', null, h('summary', null, plural(headers.length, 'header')), headerTable(headers)),
  body
    ? h('div', { class: 'code' }, h('div', { class: 'note' }, copyButton(body)), h('pre', { class: 'wrap', tabindex: '0' }, prettyJson(body)))
    : h('p', { class: 'hint' }, 'No body.'));
