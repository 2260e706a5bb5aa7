// The accounts, and which of them is selected. The route names the selected one.

import { control } from './api.js';
import { currentRoute, href, replaceRoute } from './route.js';

let accounts = [];

export async function load() {
  accounts = (await control('GET', 'tenants')).data;
}

export const all = () => accounts;

/// The id of the selected account; `null` for all accounts.
export function selectedId() {
  const id = Number(currentRoute().query.get('account')) || null;
  return accounts.some(it => it.account_id === id) ? id : null;
}

/// Selects an account, and leaves what belongs to another one.
export function select(id) {
  const { page, query } = currentRoute();
  replaceRoute(href(page === 'messages' ? 'inbox' : page, { account: id, q: query.get('q') }));
}

/// The account that single-account pages show: the selected one, or the first.
export const current = () => accounts.find(it => it.account_id === selectedId()) ?? accounts[0];
