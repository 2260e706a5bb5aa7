// Short notices at the bottom of the page.

import { button, h, showError } from './dom.js';

const UNDO_MS = 10_000;

let hideTimer;

/// Shows a notice for a moment.
export function notify(text) {
  show(text);
  hideTimer = setTimeout(hide, 1800);
}

function show(...content) {
  const notice = document.getElementById('notice');
  clearTimeout(hideTimer);
  notice.replaceChildren(...content);
  notice.hidden = false;
}

function hide() {
  document.getElementById('notice').hidden = true;
}

/// Offers to undo `action` for ten seconds, and runs it only after them: closing the page loses nothing.
export function deferred(text, action, onundo) {
  const timer = setTimeout(() => {
    hide();
    action().catch(showError);
  }, UNDO_MS);
  const undo = () => {
    clearTimeout(timer);
    hide();
    onundo();
  };
  show(h('span', null, text), button('Undo', undo, { id: 'undo' }));
  return { undo, cancel: () => clearTimeout(timer) };
}
