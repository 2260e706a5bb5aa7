// Finding: a search box with help, and lists that stay where they are while they grow.

import { button, h } from './dom.js';

/// A search box that calls `onfind` a moment after the last key. `operators` are pairs of an example and its meaning.
export function search(label, operators, onfind) {
  let waiting;
  const input = h('input', {
    type: 'search', placeholder: label, 'aria-label': label, spellcheck: 'false', autocomplete: 'off',
    oninput: () => {
      clearTimeout(waiting);
      waiting = setTimeout(find, 200);
    },
  });
  function find() {
    clearTimeout(waiting);
    onfind(input.value.trim());
  }
  const take = example => {
    const word = example.slice(0, example.indexOf(':') + 1) || example;
    input.value = `${input.value} ${word === 'has:' ? example : word}`.trim();
    input.focus();
    find();
  };
  const help = operators.length > 0 && h('details', { class: 'menu' },
    h('summary', { 'aria-label': 'What can be searched for', title: 'What can be searched for' }, '?'),
    h('div', { class: 'sheet operators' }, operators.map(([example, words]) =>
      button([h('code', null, example), h('span', null, words)], event => {
        event.currentTarget.closest('details').open = false;
        take(example);
      }))));
  const node = h('form', { class: 'search', role: 'search', onsubmit: event => { event.preventDefault(); find(); } }, input, help);
  return {
    node,
    set(text) {
      if (input !== document.activeElement && input.value !== text) input.value = text;
    },
  };
}

/// Changes what `box` holds, while the first row in sight stays where it is; at the top, what is new comes into sight.
export function steady(box, change) {
  const rows = () => [...box.querySelectorAll('[data-key]')];
  const edge = box.getBoundingClientRect().top;
  const first = box.scrollTop > 0 && rows().find(it => it.getBoundingClientRect().bottom > edge);
  const before = first && first.getBoundingClientRect().top;
  change();
  const same = first && rows().find(it => it.dataset.key === first.dataset.key);
  if (same) box.scrollTop += same.getBoundingClientRect().top - before;
}
