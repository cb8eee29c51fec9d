//! Finds what a person would name: by role and accessible name, never by class or id, so that a control without a label cannot be
//! used by a test either.

/// Answers the elements with this role and name that can be seen. Arguments: role, name.
pub const FIND: &str = r"
const [role, name] = arguments;
const tidy = (text) => (text || '').replace(/\s+/g, ' ').trim();
const selectors = {
  button: 'button, summary, [role=button], input[type=submit]',
  link: 'a[href]',
  field: 'input:not([type=checkbox]):not([type=radio]), textarea, select, [role=combobox], [role=searchbox]',
  box: 'input[type=checkbox], input[type=radio], [role=checkbox], [role=radio], [role=switch]',
  tab: '[role=tab]',
  option: '[role=option]',
  row: 'tbody tr, [role=row]',
};
const byIds = (ids) => ids.split(/\s+/).map((id) => document.getElementById(id)?.textContent).join(' ');
const nameOf = (element) => {
  if (element.getAttribute('aria-labelledby')) return byIds(element.getAttribute('aria-labelledby'));
  if (element.getAttribute('aria-label')) return element.getAttribute('aria-label');
  if (element.labels?.length) return [...element.labels].map((label) => {
    const copy = label.cloneNode(true);
    copy.querySelectorAll('select, input, textarea, [data-hint]').forEach((inner) => inner.remove());
    return copy.textContent;
  }).join(' ');
  return element.textContent;
};
const seen = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0
  || (role === 'box' && element.labels?.length && element.labels[0].checkVisibility());
// What lies behind an open dialog cannot be reached.
const place = document.querySelector('dialog:modal') || document;
const all = [...place.querySelectorAll(selectors[role])].filter(seen);
const exact = all.filter((element) => tidy(nameOf(element)) === name);
return exact.length ? exact : all.filter((element) => tidy(nameOf(element)).startsWith(name));
";

/// Answers whether a text can be read on the page. Argument: the text.
pub const READS: &str = r"
const tidy = (text) => text.replace(/\s+/g, ' ');
return tidy(document.body.innerText).includes(tidy(arguments[0]));
";
