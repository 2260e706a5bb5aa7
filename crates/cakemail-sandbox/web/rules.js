// Rules that decide an email's lifecycle, in place of its recipient's name.

import { control } from './api.js';
import { button, emptyState, field, h, openDialog, pageHeader, select, withErrors } from './dom.js';
import { eventKinds, statusChip } from './format.js';
import { pagedTable } from './paged-table.js';

export function rules(root) {
  return pagedTable(root, {
    header: pageHeader('Rules', 'A rule sets the lifecycle of the emails that match it. The first match applies; without one, the recipient’s name decides.',
      button('Remove all', withErrors(() => control('DELETE', 'rules')), { id: 'clear-rules' }), button('Add rule', add, { class: 'primary', id: 'add-rule' })),
    columns: ['Emails', 'Events', ''],
    rows: () => control('GET', 'rules'),
    key: it => it.id,
    row,
    empty: () => emptyState('No rules', 'The recipient’s name decides the lifecycle: delivered@, opened@, clicked@, bounced@, soft-bounced@, complained@, unsubscribed@, rejected@, error@ or stuck@, at any domain.'),
  });
}

const row = it => h('tr', { data: { rule: it.id } },
  h('td', null, h('b', null, it.recipient ? `to ${it.recipient}` : 'to any recipient'), it.tag && h('small', null, 'with the tag ', h('span', { class: 'tag' }, it.tag))),
  h('td', { class: 'steps' }, it.steps.map(step => h('span', null, statusChip(step.kind), h('small', null, `after ${step.after_ms / 1000} s`)))),
  h('td', { class: 'end' }, button('Remove', withErrors(() => control('DELETE', 'rules', { query: { id: it.id } })))));

function add() {
  const steps = h('div', { class: 'steps-form' });
  const addStep = (kind, seconds) => steps.append(h('div', null,
    select({ name: 'kind', 'aria-label': 'Event' }, eventKinds, kind), h('span', null, 'after'),
    h('input', { name: 'after', type: 'number', min: 0, step: 'any', value: seconds, required: true, 'aria-label': 'Seconds' }), h('span', null, 's'),
    button('×', event => event.currentTarget.parentNode.remove(), { class: 'quiet', 'aria-label': 'Remove event' })));
  addStep('queued', 0);
  addStep('hard_bounce', 1);
  openDialog('Add rule', [
    field('Recipient', h('input', { name: 'recipient', placeholder: '*@example.com' }), 'An address; * matches any text. Empty matches every recipient.'),
    field('Tag', h('input', { name: 'tag' }), 'Only emails with this tag. Empty matches every email.'),
    h('fieldset', null, h('legend', null, 'Events, with the delay after the submission'), steps, button('Add event', () => addStep('delivered', 1), { class: 'quiet' })),
  ], 'Add', form => {
    const after = form.getAll('after');
    const body = { steps: form.getAll('kind').map((kind, at) => ({ kind, after_ms: Math.round(Number(after[at]) * 1000) })) };
    for (const name of ['recipient', 'tag']) if (form.get(name)) body[name] = form.get(name);
    return control('POST', 'rules', { body });
  });
}
