// Measures a page's appearance.

const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
const parsed = new Map();

/// Parses a CSS colour: red, green and blue from 0 to 255, alpha from 0 to 1.
function colour(css) {
  if (!parsed.has(css)) {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = css;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    parsed.set(css, [red, green, blue, alpha / 255]);
  }
  return parsed.get(css);
}

const blend = ([r, g, b, a], under) => [r, g, b].map((it, at) => it * a + under[at] * (1 - a));

/// The background colour behind an element's text.
function background(it) {
  const layers = [];
  for (let at = it; at; at = at.parentElement) {
    const layer = colour(getComputedStyle(at).backgroundColor);
    layers.push(layer);
    if (layer[3] === 1) break;
  }
  return layers.reduceRight((under, layer) => blend(layer, under), [255, 255, 255]);
}

function brightness(rgb) {
  const [red, green, blue] = rgb.map(it => it / 255).map(it => (it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(front, back) {
  const [dark, light] = [brightness(front), brightness(back)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

const about = it => `<${it.tagName.toLowerCase()}${it.id ? ` #${it.id}` : ''} .${it.getAttribute('class') ?? ''}> ${(it.innerText ?? '').trim().slice(0, 50)}`;

/// Texts with less contrast than WCAG AA requires.
function lowContrast() {
  const own = it => [...it.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim());
  return $$('body *').filter(it => visible(it) && (own(it) || it.placeholder) && !it.closest(':disabled')).flatMap(it => {
    const style = getComputedStyle(it, it.placeholder && !it.value ? '::placeholder' : null);
    const size = parseFloat(style.fontSize);
    const enough = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    const back = background(it);
    const found = contrast(blend(colour(style.color), back), back);
    return found < enough - 0.01 ? [`${found.toFixed(2)}: ${about(it)}`] : [];
  });
}

/// Elements that overflow horizontally; code and tab lists may.
function overflowing() {
  const scrollable = 'pre, .tabs, .filters, #timeline';
  const scrolls = it => /auto|scroll/.test(getComputedStyle(it).overflowX) && it.scrollWidth > it.clientWidth + 1 && !it.matches(scrollable);
  const cutOff = it => {
    if (it.getBoundingClientRect().right <= innerWidth + 1 || it.closest(scrollable)) return false;
    let at = it;
    while (at && getComputedStyle(at).overflowX === 'visible') at = at.parentElement;
    return !at || getComputedStyle(at).textOverflow !== 'ellipsis';
  };
  return $$('body *').filter(it => visible(it) && (scrolls(it) || cutOff(it))).map(about);
}

/// Focusable elements without a visible focus style.
function withoutFocusStyle() {
  const style = it => {
    const { outlineStyle, outlineWidth, outlineColor, borderColor, boxShadow, backgroundColor } = getComputedStyle(it);
    return JSON.stringify([outlineStyle === 'none' ? '' : [outlineStyle, outlineWidth, outlineColor], borderColor, boxShadow, backgroundColor]);
  };
  return $$('a[href], button, input, select, summary, [tabindex="0"]').filter(it => visible(it) && !it.disabled).filter(it => {
    it.focus({ focusVisible: true });
    if (document.activeElement !== it) return true;
    const focused = style(it);
    it.blur();
    return style(it) === focused;
  }).map(about);
}
