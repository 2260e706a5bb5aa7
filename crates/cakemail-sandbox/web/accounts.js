// The accounts, and which of them is selected.

import { control } from './api.js';

let accounts = [];
let selected = Number(sessionStorage.getItem('account')) || null;

export async function load() {
  accounts = (await control('GET', 'tenants')).data;
  if (!accounts.some(it => it.account_id === selected)) selected = null;
}

export const all = () => accounts;

/// The id of the selected account; `null` for all accounts.
export const selectedId = () => selected;

export function select(id) {
  selected = id;
  sessionStorage.setItem('account', id ?? '');
}

/// The account that single-account pages show: the selected one, or the first.
export const current = () => accounts.find(it => it.account_id === selected) ?? accounts[0];
