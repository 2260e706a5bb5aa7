// Asks for the control token of a sandbox that has one. The browser keeps it in a cookie, since frames and event streams
// cannot send a header.

import { field, h, openDialog } from './dom.js';

let asking;

/// Asks for the token, once for all requests that need it. `send` sends it to the sandbox. Resolves to whether the browser
/// has signed in.
export function signIn(send) {
  asking ??= ask(send).finally(() => { asking = undefined; });
  return asking;
}

const ask = send => new Promise(resolve => {
  const input = h('input', { name: 'token', type: 'password', required: true, autocomplete: 'current-password' });
  const content = [
    // For password managers, which store a password under a name.
    h('input', { type: 'text', autocomplete: 'username', value: 'sandbox', hidden: true }),
    field('Control token', input, 'This sandbox is shared: it needs the token that it was started with.'),
  ];
  const dialog = openDialog('Sign in', content, 'Sign in', async form => {
    await send(form.get('token'));
    resolve(true);
  });
  dialog.addEventListener('close', () => resolve(false));
});
