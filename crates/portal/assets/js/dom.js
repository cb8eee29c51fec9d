/**
 * Makes elements. Text becomes text nodes and nothing else, so what the server sends can never become markup
 * (the pages' policy, `require-trusted-types-for 'script'`, would refuse it too).
 */

/** Set as properties, because their attributes mean only the first value. */
const PROPERTIES = new Set(["checked", "disabled", "hidden", "indeterminate", "readOnly", "required", "selected", "value"]);

/**
 * An element: `h("button", { type: "button", class: "quiet", onclick: save, "aria-label": "Save" }, "Save")`.
 * A property that is null, undefined or false is left out (but for the boolean ones above); `on…` names a listener;
 * `data` is an object of data attributes. Children are nodes, texts, numbers, arrays of them, or nothing.
 */
export function h(name, properties = {}, ...children) {
  const element = document.createElement(name);
  set(element, properties);
  append(element, children);
  return element;
}

/** Sets properties as `h` does. */
export function set(element, properties) {
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "data") Object.assign(element.dataset, value);
    else if (PROPERTIES.has(name)) element[name] = value ?? false;
    else if (value === null || value === undefined || value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false && child !== "") {
      element.append(child instanceof Node ? child : String(child));
    }
  }
}

/** Puts these children in the place of the present ones. */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

let last = 0;

/** An id that no other element has, for labels and descriptions. */
export function uniqueId(prefix = "id") {
  last += 1;
  return `${prefix}-${last}`;
}

/** Calls `work` when nothing was called for `milliseconds`; `.now()` calls it at once. */
export function whenQuiet(milliseconds, work) {
  let timer = 0;
  const later = (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...given), milliseconds);
  };
  later.now = (...given) => {
    clearTimeout(timer);
    work(...given);
  };
  return later;
}
