// Hears of changes, and tells of them: at most a few times a second, and not while nobody looks.

const PAUSE = 300;

/// Calls `refresh` after changes and `connected` with whether the sandbox is there. Returns a function that asks for a
/// refresh, as a change does.
export function live(refresh, connected) {
  let [due, busy, source] = [false, false];

  async function run() {
    if (busy || document.hidden) return;
    busy = true;
    while (due && !document.hidden) {
      due = false;
      await refresh();
      await new Promise(resolve => setTimeout(resolve, PAUSE));
    }
    busy = false;
  }

  function change() {
    due = true;
    run();
  }

  function listen() {
    source = new EventSource('/_sandbox/live');
    source.addEventListener('change', change);
    source.onopen = () => {
      connected(true);
      change();
    };
    source.onerror = () => {
      connected(false);
      // The browser tries again by itself, unless what answered was not the sandbox.
      if (source.readyState === EventSource.CLOSED) setTimeout(listen, 2000);
    };
  }

  document.addEventListener('visibilitychange', run);
  listen();
  return change;
}
