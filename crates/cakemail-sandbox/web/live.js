// Refreshes the page when the sandbox's state changes: at most a few times a second, and only while the page is visible.

import { controlUrl } from './api.js';

const MIN_INTERVAL_MS = 300;

/// Calls `refresh` after changes, with the names of what changed, and `onconnection` with whether the sandbox is
/// reachable. Returns a function that requests a refresh of everything.
export function watchChanges(refresh, onconnection) {
  let [running, source] = [false];
  /// What changed since the last refresh.
  let pending = new Set();

  async function run() {
    if (running || document.hidden) return;
    running = true;
    while (pending.size && !document.hidden) {
      const changed = pending;
      pending = new Set();
      await refresh(changed);
      await new Promise(resolve => setTimeout(resolve, MIN_INTERVAL_MS));
    }
    running = false;
  }

  function change(changed) {
    changed.forEach(it => pending.add(it));
    run();
  }

  const everything = () => change(['everything']);

  function connect() {
    source = new EventSource(controlUrl('live'));
    source.addEventListener('change', event => change(JSON.parse(event.data).changed));
    source.onopen = () => {
      onconnection(true);
      everything();
    };
    source.onerror = () => {
      onconnection(false);
      // The browser reconnects by itself, unless the response was not an event stream.
      if (source.readyState === EventSource.CLOSED) setTimeout(connect, 2000);
    };
  }

  document.addEventListener('visibilitychange', run);
  connect();
  return everything;
}
