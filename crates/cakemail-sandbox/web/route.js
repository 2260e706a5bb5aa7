// Where one is: `#/page/id/tab?query`. A reload, a bookmark and the back button find the same place.

export function here() {
  const [path, query] = location.hash.replace(/^#\/?/, '').split('?');
  const [page, id, tab] = path.split('/');
  return { page: page || 'inbox', id: id || null, tab, query: new URLSearchParams(query) };
}

/// `#/messages/ID/text?q=…`; what is empty in `query` is left out.
export function href(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value != null && value !== '');
  return `#/${path}${given.length ? `?${new URLSearchParams(given)}` : ''}`;
}

export const go = to => { location.hash = to; };

/// Goes there without a step for the back button.
export function slip(to) {
  history.replaceState(null, '', to);
  dispatchEvent(new HashChangeEvent('hashchange'));
}

/// Asks for what is shown again.
export const refresh = () => dispatchEvent(new Event('refresh'));
