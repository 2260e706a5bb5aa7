// What becomes of emails by rule, in place of what their recipients' names say.

import { control } from './api.js';
import { ask, blank, button, doing, field, h, head, select } from './dom.js';
import { paged } from './paged.js';
import { kinds, statusChip } from './words.js';

export function rules(root) {
  return paged(root, {
    head: head('Rules', 'What becomes of emails, in place of what their recipients’ names say. The first rule that fits counts.',
      button('Remove all', doing(() => control('DELETE', 'rules')), { id: 'clear-rules' }), button('Add a rule', add, { class: 'primary', id: 'add-rule' })),
    columns: ['Emails', 'What happens', ''],
    rows: () => control('GET', 'rules'),
    key: it => it.id,
    row,
    blank: () => blank('No rules', 'The recipient’s name decides: delivered@, opened@, clicked@, bounced@, soft-bounced@, complained@, unsubscribed@, rejected@, error@ or stuck@, at any domain.'),
  });
}

const row = it => h('tr', { data: { rule: it.id } },
  h('td', null, h('b', null, it.recipient ? `to ${it.recipient}` : 'to anyone'), it.tag && h('small', null, 'with the tag ', h('span', { class: 'tag' }, it.tag))),
  h('td', { class: 'steps' }, it.steps.map(step => h('span', null, statusChip(step.kind), h('small', null, `after ${step.after_ms / 1000} s`)))),
  h('td', { class: 'end' }, button('Remove', doing(() => control('DELETE', 'rules', { query: { id: it.id } })))));

function add() {
  const steps = h('div', { class: 'steps-form' });
  const more = (kind, seconds) => steps.append(h('div', null,
    select({ name: 'kind', 'aria-label': 'What happens' }, kinds, kind), h('span', null, 'after'),
    h('input', { name: 'after', type: 'number', min: 0, step: 'any', value: seconds, required: true, 'aria-label': 'Seconds' }), h('span', null, 's'),
    button('×', event => event.currentTarget.parentNode.remove(), { class: 'quiet', 'aria-label': 'Remove this step' })));
  more('queued', 0);
  more('hard_bounce', 1);
  ask('Add a rule', [
    field('Recipient', h('input', { name: 'recipient', placeholder: '*@example.com' }), 'An address; * stands for any text. Empty: anyone.'),
    field('Tag', h('input', { name: 'tag' }), 'That the email must have. Empty: any or none.'),
    h('fieldset', null, h('legend', null, 'What happens, since the submission'), steps, button('Another step', () => more('delivered', 1), { class: 'quiet' })),
  ], 'Add', form => {
    const after = form.getAll('after');
    const body = { steps: form.getAll('kind').map((kind, at) => ({ kind, after_ms: Math.round(Number(after[at]) * 1000) })) };
    for (const name of ['recipient', 'tag']) if (form.get(name)) body[name] = form.get(name);
    return control('POST', 'rules', { body });
  });
}
