// The border between a list and the open item: dragged, or moved with the arrow keys. Its place is kept in this browser.

import { h } from './dom.js';

const [MIN, DEFAULT, STEP] = [280, 380, 16];
const STORED = 'list-width';

/// Divides a page into a list and the open item; without an open item, the list takes the whole page.
export function split(root, detailLabel) {
  const master = h('section', { class: 'master', 'aria-label': 'List' });
  const detail = h('section', { class: 'detail', 'aria-label': detailLabel });
  root.classList.add('split');
  root.append(master, splitter(root, master), detail);
  return { master, detail, open: isOpen => root.classList.toggle('open', isOpen) };
}

/// Marks the row of the open item in a table; `name` is the row's `data-` attribute.
export function markRow(master, name, id) {
  for (const node of master.querySelectorAll(`tr[data-${name}]`)) {
    const current = node.dataset[name] === id;
    node.classList.toggle('current', current);
    const link = node.querySelector('.row-link');
    if (current) link?.setAttribute('aria-current', 'true');
    else link?.removeAttribute('aria-current');
  }
}

/// The separator between `master` and what follows it in `root`.
function splitter(root, master) {
  const node = h('div', { class: 'splitter', role: 'separator', tabindex: '0', 'aria-orientation': 'vertical', 'aria-label': 'Width of the list' });
  const max = () => Math.max(MIN, Math.min(root.clientWidth - 420, Math.round(root.clientWidth * 0.7)));

  function place(width) {
    const to = Math.round(Math.min(Math.max(width, MIN), max()));
    root.style.setProperty('--list-width', `${to}px`);
    node.setAttribute('aria-valuemin', MIN);
    node.setAttribute('aria-valuemax', max());
    node.setAttribute('aria-valuenow', to);
    node.setAttribute('aria-valuetext', `${to} pixels`);
    return to;
  }

  const keep = width => localStorage.setItem(STORED, place(width));
  const current = () => Number(node.getAttribute('aria-valuenow'));

  node.addEventListener('pointerdown', event => {
    event.preventDefault();
    node.setPointerCapture(event.pointerId);
    const offset = event.clientX - master.getBoundingClientRect().right;
    const move = it => place(it.clientX - master.getBoundingClientRect().left - offset);
    node.addEventListener('pointermove', move);
    node.addEventListener('lostpointercapture', () => {
      node.removeEventListener('pointermove', move);
      keep(current());
    }, { once: true });
  });
  node.addEventListener('dblclick', () => keep(DEFAULT));
  node.addEventListener('keydown', event => {
    const step = event.shiftKey ? 4 * STEP : STEP;
    const to = { ArrowLeft: current() - step, ArrowRight: current() + step, Home: MIN, End: max() }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    keep(to);
  });
  new ResizeObserver(() => place(Number(localStorage.getItem(STORED)) || DEFAULT)).observe(root);
  return node;
}
