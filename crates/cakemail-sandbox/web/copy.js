// Copies texts.

import { button, h, icon } from './dom.js';
import { notify } from './toast.js';

/// A button that copies a text; `text` may be a function that returns it or a promise of it.
export function copyButton(text, label = 'Copy', props = {}) {
  const node = button([icon('copy'), label && h('span', null, label)], async () => {
    await writeClipboard(typeof text === 'function' ? await text() : text);
    notify('Copied');
  }, { class: 'quiet', title: 'Copy', 'aria-label': label || 'Copy', ...props });
  return node;
}

async function writeClipboard(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // `navigator.clipboard` needs a secure context; plain HTTP from another machine is none.
  const area = h('textarea', { value: text, class: 'offscreen' });
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}
