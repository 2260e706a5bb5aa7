// A search box with a menu of operators, and scroll positions that survive updates.

import { button, h } from './dom.js';

/// A search box that calls `onsearch` shortly after the last key. `operators` are pairs of an example and its meaning.
export function searchBox(label, operators, onsearch) {
  let timer;
  const input = h('input', {
    type: 'search', placeholder: label, 'aria-label': label, spellcheck: 'false', autocomplete: 'off',
    oninput: () => {
      clearTimeout(timer);
      timer = setTimeout(run, 200);
    },
  });
  function run() {
    clearTimeout(timer);
    onsearch(input.value.trim());
  }
  const insert = example => {
    const word = example.slice(0, example.indexOf(':') + 1) || example;
    input.value = `${input.value} ${word === 'has:' ? example : word}`.trim();
    input.focus();
    run();
  };
  const help = operators.length > 0 && h('details', { class: 'menu' },
    h('summary', { 'aria-label': 'Search operators', title: 'Search operators' }, '?'),
    h('div', { class: 'popover operators' }, operators.map(([example, meaning]) =>
      button([h('code', null, example), h('span', null, meaning)], event => {
        event.currentTarget.closest('details').open = false;
        insert(example);
      }))));
  const node = h('form', { class: 'search', role: 'search', onsubmit: event => { event.preventDefault(); run(); } }, input, help);
  return {
    node,
    set(text) {
      if (input !== document.activeElement && input.value !== text) input.value = text;
    },
  };
}

/// Runs `change`, and keeps the first visible row of `box` in place. At the top, new rows become visible.
export function keepScrollPosition(box, change) {
  const rows = () => [...box.querySelectorAll('[data-key]')];
  const edge = box.getBoundingClientRect().top;
  const first = box.scrollTop > 0 && rows().find(it => it.getBoundingClientRect().bottom > edge);
  const before = first && first.getBoundingClientRect().top;
  change();
  const same = first && rows().find(it => it.dataset.key === first.dataset.key);
  if (same) box.scrollTop += same.getBoundingClientRect().top - before;
}
