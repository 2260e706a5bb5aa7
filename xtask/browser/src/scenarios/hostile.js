// Views emails until everything in them has had time to run.

/// Elements of an email in the page itself, where none may be.
const leakedMarkup = () => $$('img, script, iframe, link, style, meta, object, embed, [onerror], [onload], [onclick]').filter(it =>
  !(it.matches('iframe') && it.getAttribute('sandbox') === '') && /trap|alert\(/.test(it.outerHTML)).map(it => it.outerHTML);

/// Waits until everything that started has run; returns the leaked markup, or `ok`. (An open dialog makes the result null.)
async function settle() {
  await new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  await fetch('_sandbox/health').then(it => it.text());
  await new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const found = leakedMarkup();
  return found.length ? found.join('\n') : 'ok';
}

/// Shows a page in an unprotected frame.
async function frame(src) {
  const it = document.createElement('iframe');
  it.src = src;
  await new Promise(resolve => { it.onload = resolve; $('#tab').replaceChildren(it); });
  return settle();
}

const frameReady = id => $('#tab iframe').src.includes(id) && $('#tab iframe').ready;

/// Each tab of an email, with a condition that holds once it is shown.
const TABS = {
  rendered: id => frameReady(id) && !$('#tab iframe').src.includes('as_submitted'),
  submitted: id => frameReady(id) && $('#tab iframe').src.includes('as_submitted'),
  text: () => $('#tab pre'),
  source: () => $('#tab pre'),
  headers: () => $('#tab table'),
  attachments: () => $('#tab .files'),
  checks: () => $('#tab .checks'),
  webhooks: () => $('#tab .hint'),
  json: () => $('#tab pre'),
};

/// Views an email in every tab, beside an empty list for speed; returns the problem, or `ok`.
async function viewEmail(id) {
  const observer = new MutationObserver(() => $$('#tab iframe').filter(it => !it.watched).forEach(it => {
    it.watched = true;
    it.addEventListener('load', () => { it.ready = true; });
  }));
  observer.observe($('#main'), { childList: true, subtree: true });
  for (const [tab, shows] of Object.entries(TABS)) {
    location.hash = `#/messages/${id}/${tab}?q=tag:none`;
    const ready = await waitFor(() => $(`#tab-${tab}[aria-selected=true]`) && shows(id), 10000);
    if (!ready) return `${tab} is not shown`;
    // Plain text starts nothing, so there is nothing to wait for.
    const wrong = $('#tab iframe') || tab === 'json' ? await settle() : leakedMarkup().join('\n') || 'ok';
    if (wrong !== 'ok') return `${tab}: ${wrong}`;
  }
  observer.disconnect();
  return 'ok';
}
