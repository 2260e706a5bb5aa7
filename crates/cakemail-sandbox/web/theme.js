// The pages' colours: light, dark, or those of the system. The choice is kept in this browser.

const [STORED, THEMES] = ['theme', ['system', 'light', 'dark']];

/// Starts the button that changes to the next theme.
export function start(button) {
  const stored = localStorage.getItem(STORED);
  show(button, THEMES.includes(stored) ? stored : 'system');
  button.addEventListener('click', () => show(button, THEMES[(THEMES.indexOf(document.documentElement.dataset.theme) + 1) % THEMES.length]));
}

function show(button, theme) {
  document.documentElement.dataset.theme = theme;
  localStorage.setItem(STORED, theme);
  button.textContent = `Theme: ${theme}`;
}
