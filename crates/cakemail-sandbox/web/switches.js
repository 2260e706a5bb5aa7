// Settings as the control API's document describes them: one switch, choice or number for each.

import { described } from './api.js';
import { doing, h, keyed, marked, select } from './dom.js';

/// Shows `values` with their descriptions from the schema `name`; `change` gets each that is set anew.
export async function switches(place, name, values, change) {
  const document = await described('/_sandbox/openapi.json');
  const schema = document.components.schemas[name].properties;
  const items = Object.entries(schema).map(([key, rule]) => ({ key, rule, value: values[key] ?? rule.default }));
  keyed(place, items, it => it.key, it => line(it, value => change({ [it.key]: value })));
}

function line({ key, rule, value }, change) {
  const props = { id: `set-${key}`, 'aria-describedby': `about-${key}`, data: { setting: key } };
  const set = read => doing(event => change(read(event.currentTarget)));
  return h('div', { class: 'setting' },
    h('div', null, h('label', { for: props.id }, worded(key)), h('small', { id: props['aria-describedby'] }, marked(rule.description))),
    rule.enum ? select({ ...props, onchange: set(it => it.value) }, rule.enum.map(it => [it, worded(it)]), value)
      : rule.type === 'boolean' ? h('input', { ...props, type: 'checkbox', role: 'switch', checked: value, onchange: set(it => it.checked) })
        : h('input', { ...props, type: 'number', min: rule.minimum, max: rule.maximum, required: true, value, onchange: set(it => it.reportValidity() ? it.valueAsNumber : value) }));
}

/// Of the document's words; a header's name stays as it is.
const worded = name => (/^[a-z_]+$/.test(name) ? name[0].toUpperCase() + name.slice(1).replace(/_(m?s)$/, ', in $1').replaceAll('_', ' ') : name);
