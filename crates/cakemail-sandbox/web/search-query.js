// The terms of a search query, so that filters can change single ones.

const TERM = /-?(?:[a-z]+:)?(?:"[^"]*"|[^\s"]+)/gi;

/// The terms of a query, such as `tag:receipt` and `"two words"`.
export const termsOf = query => query.match(TERM) ?? [];

/// A term with an operator: `tag:receipt`, or `tag:"two words"`.
export const term = (operator, value) => `${operator}:${/[\s"]/.test(value) ? `"${value.replaceAll('"', '')}"` : value}`;

/// The value of a term with this operator, if it is one.
export function valueOf(operator, it) {
  return it.startsWith(`${operator}:`) ? it.slice(operator.length + 1).replaceAll('"', '') : null;
}

/// The query with a term added, or removed if it has it. Terms that `replaces` selects give way to an added one.
export function toggled(query, added, replaces = () => false) {
  const terms = termsOf(query);
  const without = terms.filter(it => it !== added && !replaces(it));
  return (terms.includes(added) ? without : [...without, added]).join(' ');
}
