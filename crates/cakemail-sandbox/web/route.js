// The route: `#/page/id/tab?query`. Reload, bookmarks and the back button keep it.

export function currentRoute() {
  const [path, query] = location.hash.replace(/^#\/?/, '').split('?');
  const [page, id, tab] = path.split('/');
  return { page: page || 'inbox', id: id || null, tab, query: new URLSearchParams(query) };
}

/// Builds `#/messages/ID/text?q=…`; empty values of `query` are left out.
export function href(path, query = {}) {
  const parameters = Object.entries(query).filter(([, value]) => value != null && value !== '');
  return `#/${path}${parameters.length ? `?${new URLSearchParams(parameters)}` : ''}`;
}

export const navigate = to => { location.hash = to; };

/// Navigates without adding a history entry.
export function replaceRoute(to) {
  history.replaceState(null, '', to);
  dispatchEvent(new HashChangeEvent('hashchange'));
}

/// Requests a refresh of the current page.
export const refresh = () => dispatchEvent(new Event('refresh'));
