// Deleting emails. A deleted email stays in the list, marked, until it can no longer be undone; then the sandbox deletes it.

import { control } from './api.js';
import { plural } from './format.js';
import { refresh } from './route.js';
import { deferred } from './toast.js';

const pending = new Set();
let offer = null;

export const isDeleted = id => pending.has(id);

/// Deletes an email. Emails that are deleted in a row are undone together.
export function deleteEmail(id) {
  pending.add(id);
  offer?.cancel();
  offer = deferred(`${plural(pending.size, 'email')} deleted`, commit, restore);
  refresh();
}

async function commit() {
  const ids = [...pending];
  offer = null;
  try {
    for (const id of ids) {
      await control('DELETE', `messages/${id}`).catch(error => { if (error.status !== 404) throw error; });
      pending.delete(id);
    }
  } finally {
    for (const id of ids) pending.delete(id);
    refresh();
  }
}

function restore() {
  pending.clear();
  offer = null;
  refresh();
}

/// Restores what was deleted last, if it still can be.
export const undo = () => offer?.undo();
