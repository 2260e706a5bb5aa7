// The webhook deliveries of one email.

import { listFromControl } from './api.js';
import { deliveryRow } from './delivery.js';
import { h, keyed } from './dom.js';
import { columnHeader } from './paged-table.js';

const MAX = 200;

export function messageDeliveries() {
  const rows = h('tbody');
  const table = h('table', { class: 'rows' }, h('thead', null, h('tr', null, ['Event', 'State', 'Attempts', 'Time'].map(columnHeader))), rows);
  const none = h('p', { class: 'hint' }, 'No webhook delivery is about this email.');
  const node = h('div', { class: 'pane' }, none, table);

  async function show(details) {
    const { data } = await listFromControl('deliveries', MAX, { email_id: details.message.id });
    none.hidden = data.length > 0;
    table.hidden = data.length === 0;
    keyed(rows, data, it => it.id, it => deliveryRow(it, {}, false));
  }

  return { node, show };
}
