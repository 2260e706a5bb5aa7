// The accounts, and the one that is looked at.

import { control } from './api.js';

let accounts = [];
let chosen = Number(sessionStorage.getItem('account')) || null;

export async function load() {
  accounts = (await control('GET', 'tenants')).data;
  if (!accounts.some(it => it.account_id === chosen)) chosen = null;
}

export const all = () => accounts;

/// The account whose things alone are shown; `null` for all.
export const only = () => chosen;

export function choose(id) {
  chosen = id;
  sessionStorage.setItem('account', id ?? '');
}

/// The account that pages of one account show: the chosen one, or the first.
export const own = () => accounts.find(it => it.account_id === chosen) ?? accounts[0];
