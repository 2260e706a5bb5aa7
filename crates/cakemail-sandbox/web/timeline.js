// An email's timeline: past and planned events, and a menu to record another one.

import { control } from './api.js';
import { button, field, h, keyed, openDialog, select } from './dom.js';
import { kindLabel } from './format.js';
import { relativeTime } from './time.js';
import { notify } from './toast.js';

/// Kind, label, key, and what it means.
const ACTIONS = [
  ['deliver', 'Deliver', 'd', 'The receiving server accepts the email.'],
  ['open', 'Open', 'o', 'The recipient opens the email.'],
  ['click', 'Click', 'c', 'The recipient follows a link.'],
  ['soft_bounce', 'Soft bounce', 's', 'The receiving server refuses the email for now. The fourth one takes the contact off the list.'],
  ['hard_bounce', 'Bounce', 'b', 'The receiving server refuses the email for good. The address is suppressed.'],
  ['complain', 'Complain', 'm', 'The recipient reports the email as spam. The address is suppressed.'],
  ['unsubscribe', 'Unsubscribe', 'u', 'The recipient leaves the list.'],
];

export function timeline() {
  let details = null;
  const list = h('ol', { class: 'events', id: 'timeline', tabindex: '0', 'aria-label': 'Events' });
  const items = h('div', { class: 'popover' });
  const menu = h('details', { class: 'menu', id: 'record' }, h('summary', { class: 'button' }, 'Record an event'), items);
  menu.addEventListener('toggle', () => menu.open && items.querySelector('button').focus());

  const objection = kind => details.actions?.find(it => it.kind === kind)?.objection ?? null;

  /// Asks before it records an event: it has consequences, and cannot be taken back.
  function ask([kind, label, , meaning]) {
    menu.open = false;
    if (objection(kind)) return notify(`${label}: ${objection(kind)}`);
    const { message: { id, recipient }, links } = details;
    const choice = kind === 'click' && links.length > 0 && field('Link', select({ name: 'link' }, links.map((it, at) => [String(at), it.url]), '0'));
    openDialog(`${label}: ${recipient}`, [
      h('p', null, meaning), choice,
      h('p', null, h('small', null, 'The event is logged, and its webhooks are delivered. It cannot be taken back.')),
    ], 'Record', form => control('POST', `messages/${id}/events`, { body: { kind, link: form.get('link') === null ? undefined : Number(form.get('link')) } }),
    ['hard_bounce', 'soft_bounce', 'complain', 'unsubscribe'].includes(kind));
    return undefined;
  }

  /// A button of an event that cannot happen stays in the order of the Tab key, since it says why.
  function item({ kind, reason }) {
    const action = ACTIONS.find(([it]) => it === kind);
    return button([h('b', null, action[1]), h('kbd', null, action[2]), h('small', null, reason ?? action[3])],
      event => { event.stopPropagation(); ask(action); }, { data: { kind }, 'aria-disabled': reason !== null });
  }

  function show(current) {
    details = current;
    const past = details.events.map(it => ({ ...it, key: it.id }));
    const planned = details.planned.map((it, at) => ({ ...it, key: `planned-${at}-${it.kind}`, planned: true }));
    const length = list.children.length;
    keyed(list, [...past, ...planned], it => it.key, event);
    // Where the timeline is a row, its newest events are in view.
    if (list.children.length !== length) list.scrollLeft = list.scrollWidth;
    keyed(items, ACTIONS.map(([kind]) => ({ kind, reason: objection(kind) })), it => it.kind, item);
  }

  const keys = Object.fromEntries(ACTIONS.map(action => [action[2], () => list.isConnected && details && ask(action)]));
  const node = h('aside', { class: 'timeline', 'aria-label': 'Timeline' }, h('h2', { class: 'label' }, 'Timeline'), list, menu);
  return { node, show, clear: () => { menu.open = false; }, keys };
}

const asText = value => (typeof value === 'string' ? value : JSON.stringify(value));

function event(it) {
  const known = Object.entries(it.metadata ?? {});
  return h('li', { class: `is-${it.kind}${it.planned ? ' planned' : ''}`, data: { kind: it.kind, planned: it.planned ?? false } },
    h('b', null, kindLabel(it.kind)), relativeTime(it.time),
    known.length > 0 && h('dl', null, known.map(([name, value]) => [h('dt', null, name.replaceAll('_', ' ')), h('dd', { title: asText(value) }, asText(value))])));
}
