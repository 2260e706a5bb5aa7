// A form for settings, built from their schema in the control API's document.

import { openApiDocument } from './api.js';
import { h, keyed, select, withCode, withErrors } from './dom.js';

/// Shows `values` with the descriptions of the schema `name`. `change` gets each changed value.
export async function settingsForm(parent, name, values, change) {
  const document = await openApiDocument('/_sandbox/openapi.json');
  const schema = document.components.schemas[name].properties;
  const items = Object.entries(schema).map(([key, rule]) => ({ key, rule, value: values[key] ?? rule.default }));
  keyed(parent, items, it => it.key, it => setting(it, value => change({ [it.key]: value })));
}

function setting({ key, rule, value }, change) {
  const props = { id: `set-${key}`, 'aria-describedby': `about-${key}`, data: { setting: key } };
  const set = read => withErrors(event => change(read(event.currentTarget)));
  return h('div', { class: 'setting' },
    h('div', null, h('label', { for: props.id }, label(key)), h('small', { id: props['aria-describedby'] }, withCode(rule.description))),
    rule.enum ? select({ ...props, onchange: set(it => it.value) }, rule.enum.map(it => [it, label(it)]), value)
      : rule.type === 'boolean' ? h('input', { ...props, type: 'checkbox', role: 'switch', checked: value, onchange: set(it => it.checked) })
        : h('input', { ...props, type: 'number', min: rule.minimum, max: rule.maximum, required: true, value, onchange: set(it => it.reportValidity() ? it.valueAsNumber : value) }));
}

/// A label for a name of the schema; the name of a header stays unchanged.
const label = name => (/^[a-z_]+$/.test(name) ? name[0].toUpperCase() + name.slice(1).replace(/_(m?s)$/, ' ($1)').replaceAll('_', ' ') : name);
