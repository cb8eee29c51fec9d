/**
 * What a tab remembers: JSON in sessionStorage, gone with the tab. Storage that is full or forbidden is not an error: a page
 * then forgets on reload, and `write` says so by answering false.
 */
const PREFIX = "m2m.";

/** The value under a name, or null. */
export function read(name) {
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + name));
  } catch {
    return null;
  }
}

/** Keeps a value; null forgets it. Answers whether that worked. */
export function write(name, value) {
  try {
    if (value === null || value === undefined) sessionStorage.removeItem(PREFIX + name);
    else sessionStorage.setItem(PREFIX + name, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** Forgets everything of ours, but for the names given. */
export function forget(but = []) {
  try {
    const names = Object.keys(sessionStorage).filter((name) => name.startsWith(PREFIX));
    for (const name of names) {
      if (!but.includes(name.slice(PREFIX.length))) sessionStorage.removeItem(name);
    }
  } catch {
    // Nothing was kept.
  }
}
