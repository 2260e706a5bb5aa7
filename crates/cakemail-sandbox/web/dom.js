// Builds what is shown. All text is hostile here: it becomes text nodes and attributes, never markup.

import { Gone } from './api.js';

const SVG = 'http://www.w3.org/2000/svg';

/// An element. Functions in `props` listen, `null` and `false` leave an attribute out; `data` fills the dataset.
export function h(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value == null || value === false) continue;
    if (typeof value === 'function') node.addEventListener(name.slice(2), value);
    else if (name === 'data') Object.assign(node.dataset, value);
    else if (name === 'value') node.value = value;
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat(Infinity).filter(it => it != null && typeof it !== 'boolean'));
  return node;
}

/// One of the symbols in `index.html`.
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `#i-${name}`);
  svg.append(use);
  return svg;
}

const stamps = new WeakMap();

/// Lets `parent` show these items and no others, in this order. What has not changed stays the same node, so that
/// focus, selection and scroll outlive a live update.
export function keyed(parent, items, key, build) {
  const old = new Map([...parent.children].map(node => [node.dataset.key, node]));
  const nodes = items.map(item => {
    const [name, stamp] = [String(key(item)), JSON.stringify(item)];
    const known = old.get(name);
    if (known && stamps.get(known) === stamp) return known;
    const node = build(item);
    node.dataset.key = name;
    stamps.set(node, stamp);
    if (known) replace(known, node);
    return node;
  });
  const wanted = new Set(nodes);
  for (const node of [...parent.children]) if (!wanted.has(node)) node.remove();
  nodes.forEach((node, at) => {
    if (parent.children[at] !== node) parent.insertBefore(node, parent.children[at] ?? null);
  });
}

/// Hands the focus on to the same place of the new node.
function replace(old, node) {
  const places = it => [it, ...it.querySelectorAll('a, button, input, select')];
  const at = places(old).indexOf(document.activeElement);
  old.replaceWith(node);
  if (at >= 0) places(node)[at]?.focus({ preventScroll: true });
}

/// Words of the sandbox's documents, in which backquotes mark code.
export const marked = words => words.split('`').map((it, at) => (at % 2 ? h('code', null, it) : it));

/// A button. `props` as for `h`.
export const button = (label, onclick, props) => h('button', { type: 'button', onclick, ...props }, label);

/// A button that copies a text, which it may have to ask for first.
export function copy(text, label = 'Copy', props = {}) {
  const node = button([icon('copy'), label && h('span', null, label)], async () => {
    await put(typeof text === 'function' ? await text() : text);
    say('Copied');
  }, { class: 'quiet', title: 'Copy', 'aria-label': label || 'Copy', ...props });
  return node;
}

async function put(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Over plain HTTP from another machine there is no clipboard but this one.
  const area = h('textarea', { value: text, class: 'away' });
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}

let silence;

/// Says something for a moment.
export function say(words) {
  const notice = document.getElementById('notice');
  notice.textContent = words;
  notice.hidden = false;
  clearTimeout(silence);
  silence = setTimeout(() => { notice.hidden = true; }, 1800);
}

/// Shows what went wrong until it is put away; that nobody answers, until somebody does.
export function complain(error) {
  if (error instanceof Gone) {
    document.getElementById('gone').hidden = false;
    return;
  }
  const alert = document.getElementById('alert');
  alert.querySelector('p').textContent = error.message;
  alert.hidden = false;
}

/// Runs what a button does; a refusal is shown in words.
export const doing = action => async event => {
  document.getElementById('alert').hidden = true;
  try {
    await action(event);
  } catch (error) {
    complain(error);
  }
};

/// Asks in a dialog; `onyes` runs when the answer is yes. A refusal leaves the dialog open, with the words in it.
export function ask(title, content, yes, onyes, danger) {
  const words = h('p', { class: 'refusal', role: 'alert', hidden: true });
  const dialog = h('dialog', { 'aria-label': title, onclose: () => dialog.remove() },
    h('form', {
      onsubmit: async event => {
        event.preventDefault();
        try {
          await onyes(new FormData(event.target));
          dialog.close();
        } catch (error) {
          words.textContent = error.message;
          words.hidden = false;
        }
      },
    },
    h('h2', null, title), content, words,
    h('menu', null,
      button('Cancel', () => dialog.close()),
      h('button', { type: 'submit', class: danger ? 'danger' : 'primary' }, yes))));
  document.body.append(dialog);
  dialog.showModal();
}

/// A labelled field.
export const field = (label, input, hint) =>
  h('label', { class: 'field' }, h('span', null, label), input, hint && h('small', null, hint));

/// A choice. Options are words, or pairs of a value and words.
export const select = (props, options, chosen) => h('select', props, options.map(it => {
  const [value, words] = Array.isArray(it) ? it : [it, it];
  return h('option', { value, selected: value === chosen }, words);
}));

/// What stands where there is nothing.
export const blank = (title, ...words) => h('div', { class: 'blank' }, h('h2', null, title), words.map(it => h('p', null, it)));

/// A page's head: its name, a line about it, and what can be done.
export const head = (title, about, ...actions) => h('header', { class: 'head' },
  h('div', null, h('h1', null, title), about && h('p', null, about)), h('div', { class: 'actions' }, actions));
