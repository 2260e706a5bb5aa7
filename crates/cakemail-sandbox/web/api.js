// Calls the sandbox: its control API, and the Cakemail API as one of its accounts.

import { shellQuote } from './format.js';
import { signIn } from './sign-in.js';

/// An error response, with the server's message.
class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/// No response: the sandbox cannot be reached.
export class Unreachable extends Error {}

/// The URL of the sandbox, without a slash at its end.
export const baseUrl = document.baseURI.replace(/\/$/, '');

async function request(method, path, { query, body, token } = {}) {
  const parameters = Object.entries(query ?? {}).filter(([, value]) => value != null && value !== '');
  const url = parameters.length ? `${path}?${new URLSearchParams(parameters)}` : path;
  const headers = {};
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (token) headers.Authorization = `Bearer ${token}`;
  let response, text;
  try {
    response = await fetch(baseUrl + url, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    text = await response.text();
  } catch {
    throw new Unreachable('The sandbox is not reachable.');
  }
  if (!response.ok) throw new ApiError(response.status, errorMessage(response.status, text));
  return response.headers.get('Content-Type')?.includes('json') ? JSON.parse(text) : text;
}

/// The message of an error response; a field error starts with the field's path.
function errorMessage(status, text) {
  try {
    const { detail } = JSON.parse(text);
    if (typeof detail === 'string') return detail;
    return detail.map(({ loc, msg }) => {
      const path = (loc ?? []).slice(1).join('.');
      return path ? `${path}: ${msg}` : msg;
    }).join('\n');
  } catch {
    return `${status}: ${text.slice(0, 300)}`;
  }
}

/// The address of something in the control API: `controlUrl('messages/ID/preview', { images: true })`.
export function controlUrl(path, query = {}) {
  const url = new URL(`${baseUrl}/_sandbox/${path}`);
  for (const [name, value] of Object.entries(query)) if (value) url.searchParams.set(name, value);
  return url.href;
}

/// Calls the control API: `control('POST', 'reset')`. Asks for the control token where that is needed.
export async function control(method, path, options) {
  const send = () => request(method, `/_sandbox/${path}`, options);
  try {
    return await send();
  } catch (error) {
    const signedIn = error.status === 401 && await signIn(token => request('POST', '/_sandbox/session', { body: { token } }));
    if (!signedIn) throw error;
    return send();
  }
}

const tokens = new Map();

async function fetchToken(account) {
  const { access_token } = await control('POST', `tenants/${account}/token`);
  tokens.set(account, access_token);
  return access_token;
}

/// Calls the Cakemail API as an account. An expired token is replaced once: advancing the clock expires tokens.
export async function api(account, method, path, options) {
  const token = tokens.get(account) ?? await fetchToken(account);
  try {
    return await request(method, path, { ...options, token });
  } catch (error) {
    if (error.status !== 401) throw error;
    return request(method, path, { ...options, token: await fetchToken(account) });
  }
}

/// Collects the first `limit` rows of a paged listing. `fetchPage(number, size)` resolves to `{data, total}`.
async function collectPages(limit, maxPageSize, fetchPage) {
  const size = Math.min(limit, maxPageSize);
  let rows = await fetchPage(1, size);
  const data = rows.data;
  for (let number = 2; data.length < limit && rows.data.length === size; number += 1) {
    rows = await fetchPage(number, size);
    data.push(...rows.data);
  }
  return { ...rows, data };
}

/// Lists rows of the control API.
export const listFromControl = (path, limit, query) =>
  collectPages(limit, 500, (page, per_page) => control('GET', path, { query: { ...query, page, per_page } }));

/// Lists rows of the Cakemail API.
export const listFromApi = (account, path, limit, query) => collectPages(limit, 100, async (page, per_page) => {
  const response = await api(account, 'GET', path, { query: { ...query, page, per_page, with_count: true } });
  return { data: response.data, total: response.pagination.count };
});

const documents = {};

/// One of the sandbox's OpenAPI documents; fetched once.
export const openApiDocument = path => documents[path] ??= request('GET', path).catch(error => {
  delete documents[path];
  throw error;
});

/// A curl command that submits an email again.
export function curlOfSubmission(submission) {
  return [
    `curl -X POST ${shellQuote(`${baseUrl}/v2/emails`)}`, '-H "Authorization: Bearer $TOKEN"', "-H 'Content-Type: application/json'",
    `--data-raw ${shellQuote(JSON.stringify(submission, null, 2))}`,
  ].join(' \\\n  ');
}
