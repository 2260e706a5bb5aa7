// The forms of the faults page.

import { control, controlUrl, openApiDocument } from './api.js';
import { copyButton } from './copy.js';
import { field, h, select, showError, withErrors } from './dom.js';
import { shellQuote } from './format.js';

const PHASES = [
  ['accept', 'On connect', 'Before the request is read.'],
  ['handler', 'Before processing', 'The request was read; it has not taken effect.'],
  ['committed', 'After processing', 'The request took effect; no response was sent yet. Rejected requests do not match.'],
  ['answering', 'During the response', 'The headers and half of the body were sent.'],
];

/// Name, label, and, for an effect with a value, its field's label, its default, and a function that builds the effect.
const EFFECTS = [
  ['status', 'Respond with a status', ['Status', 503, value => ({ status: Number(value) })]],
  ['reset', 'Reset the connection'],
  ['close', 'Close the connection'],
  ['stall', 'Stall: send nothing more'],
  ['too_many_requests', 'Respond 429 Too Many Requests', ['Retry-After in seconds (optional)', '', value => ({ too_many_requests: value === '' ? 'absent' : { seconds: Number(value) } })]],
  ['unauthorized', 'Respond 401 Unauthorized'],
  ['bad_gateway', 'Respond 502 Bad Gateway, as HTML'],
  ['not_json', 'Respond with invalid JSON'],
  ['truncate', 'Truncate the response body'],
  ['drip_ms', 'Send the response byte by byte', ['Milliseconds between bytes', 100, value => ({ drip_ms: Number(value) })]],
  ['garbage', 'Send bytes that are not HTTP'],
  ['endless_headers', 'Send endless headers'],
  ['expire_token', 'Expire the access token'],
  ['spend_refresh_tokens', 'Revoke all refresh tokens'],
];

const SCHEDULES = [['', 'All'], ['nth', 'Only the nth'], ['every', 'Every nth'], ['probability', 'A random share']];

/// Adds the fault form to `parent`, with the operations of the API's document.
export async function faultForm(parent) {
  let operations = [];
  try {
    const { paths } = await openApiDocument('/openapi.json');
    operations = Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods)
      .filter(([, it]) => it.operationId).map(([method, it]) => [it.operationId, `${method.toUpperCase()} ${path}`]));
  } catch (error) {
    showError(error);
  }
  const phaseNote = h('small', { id: 'phase-note' });
  const valueField = h('div');
  const amount = h('input', { name: 'amount', type: 'number', min: 0, step: 'any' });
  const number = field('n', amount);
  const form = h('form', { class: 'fault-form', id: 'fault-form', onchange: change, onsubmit: withErrors(submit) },
    h('h2', null, 'Inject a fault'),
    h('div', { class: 'grid' },
      field('Operation', select({ name: 'operation' }, [['', 'All operations'], ['renewal', 'Token refresh'], ...operations], 'submitEmail')),
      field('Recipient', h('input', { name: 'recipient', placeholder: 'any' })),
      field('Matching requests', select({ name: 'schedule' }, SCHEDULES)),
      number,
      field('Maximum hits', h('input', { name: 'times', type: 'number', min: 1, placeholder: 'unlimited' })),
      field('Phase', select({ name: 'phase' }, PHASES, 'handler'), phaseNote),
      field('Effect', select({ name: 'effect' }, EFFECTS)), valueField),
    h('menu', null, copyButton(() => `curl -X POST ${controlUrl('faults')} -H 'Content-Type: application/json' -d ${shellQuote(JSON.stringify(read()))}`, 'Copy as curl'),
      h('button', { type: 'submit', class: 'primary' }, 'Inject')));
  parent.append(h('section', null, form));
  change();

  function effect() {
    return EFFECTS.find(([name]) => name === form.elements.effect.value);
  }

  function change(event) {
    phaseNote.textContent = PHASES.find(([name]) => name === form.elements.phase.value)[2];
    number.hidden = amount.disabled = form.elements.schedule.value === '';
    amount.required = !amount.disabled;
    number.firstChild.textContent = form.elements.schedule.value === 'probability' ? 'Percent' : 'n';
    if (event && event.target !== form.elements.effect) return;
    const [, , value] = effect();
    valueField.replaceChildren(...(value ? [field(value[0], h('input', { name: 'value', type: 'number', min: 0, value: value[1] }))] : []));
  }

  function read() {
    const values = Object.fromEntries(new FormData(form));
    const on = {};
    if (values.operation === 'renewal') on.renewal = true;
    else if (values.operation) on.operation = values.operation;
    if (values.recipient) on.recipient = values.recipient;
    if (values.schedule) on[values.schedule] = values.schedule === 'probability' ? Number(values.amount) / 100 : Number(values.amount);
    if (values.times) on.times = Number(values.times);
    const [name, , value] = effect();
    return { on, phase: values.phase, effect: value ? value[2](values.value) : name };
  }

  async function submit(event) {
    event.preventDefault();
    await control('POST', 'faults', { body: read() });
  }
}

/// Forms for sandbox-wide faults.
export const sandboxFaultForms = () => [
  simpleForm('limit', 'Rate limit', [['rate', 'Requests per second', 10], ['burst', 'Burst', 5]],
    it => ({ limit: { rate: Number(it.rate), burst: Number(it.burst), retry_after: true } })),
  simpleForm('lag', 'Delayed logs', [['seconds', 'Delay (seconds)', 30]], it => ({ lag_logs_ms: Number(it.seconds) * 1000 })),
  simpleForm('refuse', 'Refused connections', [['seconds', 'Duration (seconds); includes these pages', 5]], it => ({ refuse_ms: Number(it.seconds) * 1000 })),
];

const simpleForm = (name, title, inputs, body) => h('form', {
  data: { set: name },
  onsubmit: withErrors(async event => {
    event.preventDefault();
    await control('POST', 'faults', { body: body(Object.fromEntries(new FormData(event.target))) });
  }),
}, h('h3', null, title), inputs.map(([key, label, value]) => field(label, h('input', { name: key, type: 'number', min: 0, step: 'any', value, required: true }))),
h('button', { type: 'submit' }, 'Set'));
