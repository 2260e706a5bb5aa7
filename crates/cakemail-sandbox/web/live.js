// Refreshes the page when the sandbox's state changes: at most a few times a second, and only while the page is visible.

import { controlUrl } from './api.js';

const MIN_INTERVAL_MS = 300;

/// Calls `refresh` after changes, and `onconnection` with whether the sandbox is reachable. Returns a function that
/// requests a refresh.
export function watchChanges(refresh, onconnection) {
  let [pending, running, source] = [false, false];

  async function run() {
    if (running || document.hidden) return;
    running = true;
    while (pending && !document.hidden) {
      pending = false;
      await refresh();
      await new Promise(resolve => setTimeout(resolve, MIN_INTERVAL_MS));
    }
    running = false;
  }

  function change() {
    pending = true;
    run();
  }

  function connect() {
    source = new EventSource(controlUrl('live'));
    source.addEventListener('change', change);
    source.onopen = () => {
      onconnection(true);
      change();
    };
    source.onerror = () => {
      onconnection(false);
      // The browser reconnects by itself, unless the response was not an event stream.
      if (source.readyState === EventSource.CLOSED) setTimeout(connect, 2000);
    };
  }

  document.addEventListener('visibilitychange', run);
  connect();
  return change;
}
