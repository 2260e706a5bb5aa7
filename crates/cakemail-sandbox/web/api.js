// Asks the sandbox: its control API, and the API itself as one of its accounts.

/// A refusal, in the server's words.
class Refused extends Error {
  constructor(status, words) {
    super(words);
    this.status = status;
  }
}

/// Nobody answered.
export class Gone extends Error {}

async function call(method, path, { query, body, token } = {}) {
  const given = Object.entries(query ?? {}).filter(([, value]) => value != null && value !== '');
  const url = given.length ? `${path}?${new URLSearchParams(given)}` : path;
  const headers = {};
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (token) headers.Authorization = `Bearer ${token}`;
  let response, text;
  try {
    response = await fetch(url, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    text = await response.text();
  } catch {
    throw new Gone('The sandbox does not answer.');
  }
  if (!response.ok) throw new Refused(response.status, words(response.status, text));
  return response.headers.get('Content-Type')?.includes('json') ? JSON.parse(text) : text;
}

/// What a refusal says, and of which field.
function words(status, text) {
  try {
    const { detail } = JSON.parse(text);
    if (typeof detail === 'string') return detail;
    return detail.map(({ loc, msg }) => {
      const place = (loc ?? []).slice(1).join('.');
      return place ? `${place}: ${msg}` : msg;
    }).join('\n');
  } catch {
    return `${status}: ${text.slice(0, 300)}`;
  }
}

/// The control API: `control('POST', 'reset')`.
export const control = (method, path, options) => call(method, `/_sandbox/${path}`, options);

const tokens = new Map();

async function tokenOf(account) {
  const answer = await control('POST', `tenants/${account}/token`);
  tokens.set(account, answer.access_token);
  return answer.access_token;
}

/// The API itself, as an account. A token that has ended, as the clock may have moved, is replaced once.
export async function api(account, method, path, options) {
  const token = tokens.get(account) ?? await tokenOf(account);
  try {
    return await call(method, path, { ...options, token });
  } catch (error) {
    if (error.status !== 401) throw error;
    return call(method, path, { ...options, token: await tokenOf(account) });
  }
}

/// The first `wanted` rows of something that comes in pages: `page(number, size)` answers `{data, total}`.
export async function first(wanted, most, page) {
  const size = Math.min(wanted, most);
  let rows = await page(1, size);
  const data = rows.data;
  for (let number = 2; data.length < wanted && rows.data.length === size; number += 1) {
    rows = await page(number, size);
    data.push(...rows.data);
  }
  return { data, total: rows.total };
}

/// Rows of the control API.
export const listed = (path, wanted, query) =>
  first(wanted, 500, (page, per_page) => control('GET', path, { query: { ...query, page, per_page } }));

/// Rows of the API.
export const owned = (account, path, wanted, query) => first(wanted, 100, async (page, per_page) => {
  const answer = await api(account, 'GET', path, { query: { ...query, page, per_page, with_count: true } });
  return { data: answer.data, total: answer.pagination.count };
});

let documents = {};

/// A document of the sandbox, asked for once.
export const described = path => documents[path] ??= call('GET', path).catch(error => {
  delete documents[path];
  throw error;
});
