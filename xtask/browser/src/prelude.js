// Functions that every script of the tests may use.
const $ = selector => document.querySelector(selector);
const $$ = selector => [...document.querySelectorAll(selector)];
const text = selector => $(selector)?.innerText.trim();
const visible = it => it?.checkVisibility({ visibilityProperty: true, opacityProperty: true });
const shown = selector => $$(selector).find(visible);
const name = it => (it.getAttribute('aria-label') ?? it.innerText).trim();
const labelled = (within, label) => $$(within).flatMap(it => [...it.querySelectorAll('a, button, summary, [role=tab]')])
  .find(it => visible(it) && name(it) === label);
const waitFor = async (condition, limit) => {
  const end = performance.now() + limit;
  for (;;) {
    let value;
    try { value = await condition(); } catch { /* not yet */ }
    if (value) return value;
    if (performance.now() > end) return null;
    await new Promise(resolve => setTimeout(resolve, 15));
  }
};
