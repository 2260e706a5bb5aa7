// Forms that set something to go wrong.

import { control, described } from './api.js';
import { complain, copy, doing, field, h, select } from './dom.js';
import { quoted } from './words.js';

const PHASES = [
  ['accept', 'When it connects', 'Nothing of the request is read.'],
  ['handler', 'Before it is done', 'The request was read; nothing was done.'],
  ['committed', 'After it was done', 'The email is accepted, and nothing was answered. Requests that are refused do not count.'],
  ['answering', 'While it is answered', 'The head and half of the body are out.'],
];

/// Each: its name, its words, and the field that says how much, if any: its label, its value at first, and how the effect is written.
const EFFECTS = [
  ['status', 'Answer a status', ['Status', 503, value => ({ status: Number(value) })]],
  ['reset', 'Reset the connection'],
  ['close', 'Close the connection'],
  ['stall', 'Say nothing more'],
  ['too_many_requests', 'Answer 429', ['Retry-After, in s (empty: none)', '', value => ({ too_many_requests: value === '' ? 'absent' : { seconds: Number(value) } })]],
  ['unauthorized', 'Answer 401'],
  ['bad_gateway', 'Answer 502 in HTML'],
  ['not_json', 'Answer what is not JSON'],
  ['truncate', 'Cut the answer in half'],
  ['drip_ms', 'Answer byte by byte', ['Milliseconds between bytes', 100, value => ({ drip_ms: Number(value) })]],
  ['garbage', 'Answer what is not HTTP'],
  ['endless_headers', 'Send headers for ever'],
  ['expire_token', 'End the access token'],
  ['spend_refresh_tokens', 'End all refresh tokens'],
];

const SCHEDULES = [['', 'each'], ['nth', 'only the n-th'], ['every', 'every n-th'], ['probability', 'some, by chance']];

/// Builds the form in its place, with the operations that the API's document knows.
export async function faultForm(place) {
  let operations = [];
  try {
    const { paths } = await described('/openapi.json');
    operations = Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods)
      .filter(([, it]) => it.operationId).map(([method, it]) => [it.operationId, `${method.toUpperCase()} ${path}`]));
  } catch (error) {
    complain(error);
  }
  const about = h('small', { id: 'phase-about' });
  const much = h('div');
  const amount = h('input', { name: 'amount', type: 'number', min: 0, step: 'any' });
  const number = field('n', amount);
  const form = h('form', { class: 'fault-form', id: 'fault-form', onchange: change, onsubmit: doing(submit) },
    h('h2', null, 'Set a fault'),
    h('div', { class: 'grid' },
      field('Requests', select({ name: 'operation' }, [['', 'All'], ['renewal', 'Renewals of a token'], ...operations], 'submitEmail')),
      field('To the recipient', h('input', { name: 'recipient', placeholder: 'anyone' })),
      field('Of these', select({ name: 'schedule' }, SCHEDULES)),
      number,
      field('At most, times', h('input', { name: 'times', type: 'number', min: 1, placeholder: 'no end' })),
      field('When', select({ name: 'phase' }, PHASES, 'handler'), about),
      field('What', select({ name: 'effect' }, EFFECTS)), much),
    h('menu', null, copy(() => `curl ${location.origin}/_sandbox/faults -H 'Content-Type: application/json' -d ${quoted(JSON.stringify(read()))}`, 'Copy as curl'),
      h('button', { type: 'submit', class: 'primary' }, 'Set')));
  place.append(h('section', null, form));
  change();

  function effect() {
    return EFFECTS.find(([name]) => name === form.elements.effect.value);
  }

  function change(event) {
    about.textContent = PHASES.find(([name]) => name === form.elements.phase.value)[2];
    number.hidden = amount.disabled = form.elements.schedule.value === '';
    amount.required = !amount.disabled;
    number.firstChild.textContent = form.elements.schedule.value === 'probability' ? 'Percent' : 'n';
    if (event && event.target !== form.elements.effect) return;
    const [, , more] = effect();
    much.replaceChildren(...(more ? [field(more[0], h('input', { name: 'much', type: 'number', min: 0, value: more[1] }))] : []));
  }

  function read() {
    const given = Object.fromEntries(new FormData(form));
    const on = {};
    if (given.operation === 'renewal') on.renewal = true;
    else if (given.operation) on.operation = given.operation;
    if (given.recipient) on.recipient = given.recipient;
    if (given.schedule) on[given.schedule] = given.schedule === 'probability' ? Number(given.amount) / 100 : Number(given.amount);
    if (given.times) on.times = Number(given.times);
    const [name, , more] = effect();
    return { on, phase: given.phase, effect: more ? more[2](given.much) : name };
  }

  async function submit(event) {
    event.preventDefault();
    await control('POST', 'faults', { body: read() });
  }
}

/// Small forms for what is not about single requests.
export const simple = () => [
  one('limit', 'Limit the rate', [['rate', 'A second', 10], ['burst', 'At once', 5]],
    it => ({ limit: { rate: Number(it.rate), burst: Number(it.burst), retry_after: true } })),
  one('lag', 'Delay the logs', [['seconds', 'By seconds', 30]], it => ({ lag_logs_ms: Number(it.seconds) * 1000 })),
  one('refuse', 'Refuse connections', [['seconds', 'For seconds; these pages too', 5]], it => ({ refuse_ms: Number(it.seconds) * 1000 })),
];

const one = (name, title, inputs, body) => h('form', {
  data: { set: name },
  onsubmit: doing(async event => {
    event.preventDefault();
    await control('POST', 'faults', { body: body(Object.fromEntries(new FormData(event.target))) });
  }),
}, h('h3', null, title), inputs.map(([key, words, value]) => field(words, h('input', { name: key, type: 'number', min: 0, step: 'any', value, required: true }))),
h('button', { type: 'submit' }, 'Set'));
