// Builds DOM nodes. Text is never trusted: it becomes text nodes and attributes, never markup.

import { Unreachable } from './api.js';

const SVG = 'http://www.w3.org/2000/svg';

/// Creates an element. In `props`, functions are event listeners, `null` and `false` omit the attribute (ARIA has a false of its own), and `data` sets the dataset.
export function h(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value == null) continue;
    if (name.startsWith('aria-')) node.setAttribute(name, value);
    else if (value === false) continue;
    else if (typeof value === 'function') node.addEventListener(name.slice(2), value);
    else if (name === 'data') Object.assign(node.dataset, value);
    else if (name === 'value') node.value = value;
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat(Infinity).filter(it => it != null && typeof it !== 'boolean'));
  return node;
}

/// An icon: one of the symbols in `index.html`.
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

/// Reconciles the children of `parent` with `items`. An unchanged item keeps its node, so that focus, selection and
/// scroll position survive a live update.
export function keyed(parent, items, key, build) {
  const old = new Map([...parent.children].map(node => [node.dataset.key, node]));
  const nodes = items.map(item => {
    const [name, stamp] = [String(key(item)), JSON.stringify(item)];
    const existing = old.get(name);
    if (existing && stamps.get(existing) === stamp) return existing;
    const node = build(item);
    node.dataset.key = name;
    stamps.set(node, stamp);
    if (existing) replaceKeepingFocus(existing, node);
    return node;
  });
  const current = new Set(nodes);
  for (const node of [...parent.children]) if (!current.has(node)) node.remove();
  nodes.forEach((node, at) => {
    if (parent.children[at] !== node) parent.insertBefore(node, parent.children[at] ?? null);
  });
}

/// Replaces a node; the focus moves to the same control in the new one.
function replaceKeepingFocus(old, node) {
  const controls = it => [it, ...it.querySelectorAll('a, button, input, select')];
  const at = controls(old).indexOf(document.activeElement);
  old.replaceWith(node);
  if (at >= 0) controls(node)[at]?.focus({ preventScroll: true });
}

/// Text in which backquotes mark code.
export const withCode = text => text.split('`').map((it, at) => (at % 2 ? h('code', null, it) : it));

/// A button; `props` as for `h`.
export const button = (label, onclick, props) => h('button', { type: 'button', onclick, ...props }, label);

/// A button with only an icon; its label is its name for screen readers, and its tooltip.
export const iconButton = (name, label, onclick, props) =>
  button([icon(name)], onclick, { class: 'quiet icon-only', title: label, 'aria-label': label, ...props });

/// Shows an error until it is closed, or until the sandbox is reachable again.
export function showError(error) {
  if (error instanceof Unreachable) {
    document.getElementById('unreachable').hidden = false;
    return;
  }
  const alert = document.getElementById('alert');
  alert.querySelector('p').textContent = error.message;
  alert.hidden = false;
}

/// An event handler that shows the errors of `action`.
export const withErrors = action => async event => {
  document.getElementById('alert').hidden = true;
  try {
    await action(event);
  } catch (error) {
    showError(error);
  }
};

/// Opens a dialog with a form. `onsubmit` gets the form's data; when it fails, the dialog stays open and shows the error.
/// Returns the dialog.
export function openDialog(title, content, submitLabel, onsubmit, danger) {
  const message = h('p', { class: 'error', role: 'alert', hidden: true });
  const dialog = h('dialog', { 'aria-label': title, onclose: () => dialog.remove() },
    h('form', {
      onsubmit: async event => {
        event.preventDefault();
        try {
          await onsubmit(new FormData(event.target));
          dialog.close();
        } catch (error) {
          message.textContent = error.message;
          message.hidden = false;
        }
      },
    },
    h('h2', null, title), content, message,
    h('menu', null,
      button('Cancel', () => dialog.close()),
      h('button', { type: 'submit', class: danger ? 'danger' : 'primary' }, submitLabel))));
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/// A labelled field.
export const field = (label, input, hint) =>
  h('label', { class: 'field' }, h('span', null, label), input, hint && h('small', null, hint));

/// A drop-down. Options are values, or pairs of a value and a label.
export const select = (props, options, selected) => h('select', props, options.map(it => {
  const [value, label] = Array.isArray(it) ? it : [it, it];
  return h('option', { value, selected: value === selected }, label);
}));

/// Shown instead of an empty list.
export const emptyState = (title, ...paragraphs) => h('div', { class: 'empty-state' }, h('h2', null, title), paragraphs.map(it => h('p', null, it)));

/// A page's header: title, description, buttons.
export const pageHeader = (title, about, ...actions) => h('header', { class: 'head' },
  h('div', null, h('h1', null, title), about && h('p', null, about)), h('div', { class: 'actions' }, actions));
