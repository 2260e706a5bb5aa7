// The route: `#/page/id/tab?query`. It holds everything that selects what is shown, so that a link shows the same to
// everybody, and reload, bookmarks and the back button keep it.

export function currentRoute() {
  const [path, query] = location.hash.replace(/^#\/?/, '').split('?');
  const [page, id, tab] = path.split('/');
  return { page: page || 'inbox', id: id || null, tab: tab || null, path: path || 'inbox', query: new URLSearchParams(query) };
}

/// Builds `#/messages/ID/text?q=…`, with the account of the current route. Empty values of `query` are left out.
export function href(path, query = {}) {
  const all = { account: currentRoute().query.get('account'), ...query };
  const parameters = Object.entries(all).filter(([, value]) => value != null && value !== '' && value !== false);
  return `#/${path}${parameters.length ? `?${new URLSearchParams(parameters)}` : ''}`;
}

/// The current route with other values of some parameters.
export function hrefWith(changes) {
  const { path, query } = currentRoute();
  return href(path, { ...Object.fromEntries(query), ...changes });
}

export const navigate = to => { location.hash = to; };

/// Navigates without adding a history entry.
export function replaceRoute(to) {
  history.replaceState(null, '', to);
  dispatchEvent(new HashChangeEvent('hashchange'));
}

/// Requests a refresh of the current page.
export const refresh = () => dispatchEvent(new Event('refresh'));
