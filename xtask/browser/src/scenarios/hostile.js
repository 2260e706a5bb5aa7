// Looks at emails as long as anything in them could need to do something.

/// What is where nothing of an email's may be: in the page itself.
const foreign = () => $$('img, script, iframe, link, style, meta, object, embed, [onerror], [onload], [onclick]').filter(it =>
  !(it.matches('iframe') && it.getAttribute('sandbox') === '') && /trap|alert\(/.test(it.outerHTML)).map(it => it.outerHTML);

/// Lets all that was begun have its turn; answers what is wrong by then, or `fine`. (A dialog that opens makes it nothing.)
async function settle() {
  await new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  await fetch('/_sandbox/health').then(it => it.text());
  await new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const found = foreign();
  return found.length ? found.join('\n') : 'fine';
}

/// Shows a page in a frame, as it is.
async function frame(src) {
  const it = document.createElement('iframe');
  it.src = src;
  await new Promise(resolve => { it.onload = resolve; $('#tab').replaceChildren(it); });
  return settle();
}

const framed = id => $('#tab iframe').src.includes(id) && $('#tab iframe').ready;

/// Each way to look at an email, and what is there once it shows.
const TABS = {
  rendered: id => framed(id) && !$('#tab iframe').src.includes('as_submitted'),
  submitted: id => framed(id) && $('#tab iframe').src.includes('as_submitted'),
  text: () => $('#tab pre'),
  source: () => $('#tab pre'),
  headers: () => $('#tab table'),
  attachments: () => $('#tab .files'),
  json: () => $('#tab pre'),
};

/// Looks at an email in every way, beside a list that is empty, as that is quicker; answers what was wrong, or `fine`.
async function lookAt(id) {
  const watch = new MutationObserver(() => $$('#tab iframe').filter(it => !it.watched).forEach(it => {
    it.watched = true;
    it.addEventListener('load', () => { it.ready = true; });
  }));
  watch.observe($('#main'), { childList: true, subtree: true });
  for (const [tab, shows] of Object.entries(TABS)) {
    location.hash = `#/messages/${id}/${tab}?q=tag:none`;
    const there = await until(() => $(`#tab-${tab}[aria-selected=true]`) && shows(id), 10000);
    if (!there) return `${tab} does not show`;
    // Text has nothing that could be on its way.
    const wrong = $('#tab iframe') || tab === 'json' ? await settle() : foreign().join('\n') || 'fine';
    if (wrong !== 'fine') return `${tab}: ${wrong}`;
  }
  watch.disconnect();
  return 'fine';
}
