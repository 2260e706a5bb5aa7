// What a page looks like, measured.

const pen = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
const known = new Map();

/// Any colour of CSS as red, green, blue from 0 to 255, and how opaque it is from 0 to 1.
function colour(css) {
  if (!known.has(css)) {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = css;
    pen.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = pen.getImageData(0, 0, 1, 1).data;
    known.set(css, [red, green, blue, alpha / 255]);
  }
  return known.get(css);
}

const over = ([r, g, b, a], under) => [r, g, b].map((it, at) => it * a + under[at] * (1 - a));

/// What is behind an element's text.
function ground(it) {
  const layers = [];
  for (let at = it; at; at = at.parentElement) {
    const layer = colour(getComputedStyle(at).backgroundColor);
    layers.push(layer);
    if (layer[3] === 1) break;
  }
  return layers.reduceRight((under, layer) => over(layer, under), [255, 255, 255]);
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

/// Texts that are hard to read, by WCAG's AA.
function faint() {
  const own = it => [...it.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim());
  return $$('body *').filter(it => visible(it) && (own(it) || it.placeholder) && !it.closest(':disabled')).flatMap(it => {
    const style = getComputedStyle(it, it.placeholder && !it.value ? '::placeholder' : null);
    const size = parseFloat(style.fontSize);
    const enough = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    const back = ground(it);
    const found = contrast(over(colour(style.color), back), back);
    return found < enough - 0.01 ? [`${found.toFixed(2)}: ${about(it)}`] : [];
  });
}

/// What can only be seen by scrolling sideways, or not at all; code and the tabs may.
function wide() {
  const free = 'pre, .tabs';
  const scrolls = it => /auto|scroll/.test(getComputedStyle(it).overflowX) && it.scrollWidth > it.clientWidth + 1 && !it.matches(free);
  const lost = it => {
    if (it.getBoundingClientRect().right <= innerWidth + 1 || it.closest(free)) return false;
    let at = it;
    while (at && getComputedStyle(at).overflowX === 'visible') at = at.parentElement;
    return !at || getComputedStyle(at).textOverflow !== 'ellipsis';
  };
  return $$('body *').filter(it => visible(it) && (scrolls(it) || lost(it))).map(about);
}

/// What one can get to by keyboard, and does not see that one has.
function unmarked() {
  const look = it => {
    const { outlineStyle, outlineWidth, outlineColor, borderColor, boxShadow, backgroundColor } = getComputedStyle(it);
    return JSON.stringify([outlineStyle === 'none' ? '' : [outlineStyle, outlineWidth, outlineColor], borderColor, boxShadow, backgroundColor]);
  };
  return $$('a[href], button, input, select, summary, [tabindex="0"]').filter(it => visible(it) && !it.disabled).filter(it => {
    it.focus({ focusVisible: true });
    if (document.activeElement !== it) return true;
    const focused = look(it);
    it.blur();
    return look(it) === focused;
  }).map(about);
}
