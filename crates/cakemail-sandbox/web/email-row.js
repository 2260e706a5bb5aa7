// An email in the list.

import { h, icon } from './dom.js';
import { chip, plural, statusChip } from './format.js';
import { relativeTime } from './time.js';

const TAGS = 2;

/// The link's target depends on the search, so the list sets it.
export function emailRow(it) {
  const unread = it.read === false;
  return h('li', { class: unread && 'unread', data: { id: it.id } },
    h('a', { href: '#' },
      h('span', { class: 'who', title: it.recipient }, unread && [h('span', { class: 'dot' }), h('span', { class: 'offscreen' }, 'Unread ')], it.recipient),
      h('span', { class: 'subject', title: it.subject }, it.subject || h('i', null, 'No subject')),
      h('span', { class: 'tags' },
        it.attachments > 0 && h('span', { class: 'clip', title: plural(it.attachments, 'attachment') }, icon('clip')),
        it.tags.slice(0, TAGS).map(tag => h('span', { class: 'tag', title: tag }, tag)),
        it.tags.length > TAGS && h('span', { class: 'tag rest', title: it.tags.slice(TAGS).join(', ') }, `+${it.tags.length - TAGS}`)),
      h('span', { class: 'state' },
        it.answered || chip('is-warning', 'Response lost', { title: 'The email was accepted, but the client got no response' }), statusChip(it.status)),
      relativeTime(it.submitted_at)));
}
