// The preview of an email: as wide as on a desktop or a phone, light or dark, with or without remote images.

import { controlUrl } from './api.js';
import { button, h, icon } from './dom.js';
import { hrefWith, replaceRoute } from './route.js';

/// The least width at which a desktop's mail client shows an email, and the width of a phone, in CSS pixels.
const [DESKTOP, PHONE] = [640, 375];

const set = (name, value) => () => replaceRoute(hrefWith({ [name]: value }));

/// The rendered email, or as it was submitted, with its merge tags.
export function preview(asSubmitted) {
  let [shown, narrow, frame] = [null, false, null];
  const choices = (label, name, values) => h('div', { class: 'segments', role: 'group', 'aria-label': label }, values.map(([value, symbol, text]) =>
    button([icon(symbol), h('span', null, text)], set(name, value), { 'aria-label': text, title: text, data: { [name]: text.toLowerCase() } })));
  const widths = choices('Width', 'width', [[null, 'desk', 'Desktop'], ['phone', 'phone', 'Phone']]);
  const schemes = choices('Colours of the reader’s system', 'scheme', [[null, 'sun', 'Light'], ['dark', 'moon', 'Dark']]);
  const images = h('input', { type: 'checkbox', role: 'switch', id: `images-${asSubmitted ? 'submitted' : 'rendered'}`, onchange: event => set('images', event.currentTarget.checked ? 1 : null)() });
  const about = h('span', { class: 'about' });
  const stage = h('div', { class: 'stage' });
  const node = h('div', { class: 'preview' },
    h('div', { class: 'note' }, h('label', { class: 'check', for: images.id }, images, h('span', null, 'Remote images')), about, widths, schemes),
    stage);

  function fit() {
    if (!frame) return;
    const wide = stage.clientWidth;
    const width = narrow ? PHONE : Math.max(wide, DESKTOP);
    const scale = Math.min(1, wide / width);
    frame.style.width = `${width}px`;
    frame.style.height = `${stage.clientHeight / scale}px`;
    frame.style.transform = scale < 1 ? `scale(${scale})` : '';
    stage.classList.toggle('narrow', narrow && scale === 1);
  }
  new ResizeObserver(fit).observe(stage);

  function show(details, route) {
    const options = { scheme: route.query.get('scheme') === 'dark' ? 'dark' : null, images: route.query.get('images') === null ? null : true };
    narrow = route.query.get('width') === 'phone';
    press(widths, narrow ? 1 : 0);
    press(schemes, options.scheme ? 1 : 0);
    images.checked = Boolean(options.images);
    about.classList.toggle('quiet', !options.images);
    about.textContent = options.images ? 'This browser requests them from their servers.' : 'Nothing leaves this machine, and viewing does not count as an open.';
    const url = controlUrl(`messages/${details.message.id}/preview`, { as_submitted: asSubmitted, ...options });
    if (shown !== url) {
      shown = url;
      // A new frame, since a new address of the same one would be a step back in the history.
      frame = untrusted(url, asSubmitted ? 'The email as submitted' : 'The rendered email');
      stage.replaceChildren(frame);
    }
    fit();
  }

  return { node, show };
}

const press = (group, at) => [...group.children].forEach((it, n) => it.setAttribute('aria-pressed', n === at));

/// A fully sandboxed frame for untrusted HTML: no scripts, no forms, no origin.
const untrusted = (src, title) => h('iframe', { sandbox: '', referrerpolicy: 'no-referrer', title, src });
