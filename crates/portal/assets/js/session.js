/**
 * Who is signed in, in this tab: the access token, when it ends, and whose it is. It lies in sessionStorage; no other tab and no
 * other origin sees it. When it ends, or the API refuses it, listeners hear of it once; nothing that was typed is touched.
 */
import { forget, read, write } from "./store.js";

const NAME = "session";
const WHO = "who";
/** A token this close to its end is not sent any more, in milliseconds. */
const MARGIN = 5_000;
/** The longest delay that setTimeout keeps to. */
const LONGEST = 2_147_483_647;

const listeners = new Set();
let timer = 0;
let told = false;

/** The access token, or null when there is none that is good. */
export function token(now = Date.now()) {
  const session = read(NAME);
  return session && session.expiresAt - MARGIN > now ? session.accessToken : null;
}

/** `{name, expiresAt}` of whoever signed in last in this tab, good or not; null before. */
export function who() {
  return read(NAME);
}

/**
 * Begins a session. What somebody else left in this tab (selection, drafts) is forgotten first.
 * `session`: `{accessToken, subject, name, expiresAt}`, the last in milliseconds since 1970.
 */
export function begin(session) {
  if (read(WHO) !== null && read(WHO) !== session.subject) forget();
  write(WHO, session.subject);
  write(NAME, session);
  told = false;
}

/** Ends it, with everything that this tab remembers. */
export function end() {
  forget();
}

/** Says that the API refused the token, or that its time is over. */
export function expired() {
  const session = read(NAME);
  if (session) write(NAME, { ...session, accessToken: null, expiresAt: 0 });
  if (told) return;
  told = true;
  for (const listener of listeners) listener();
}

/** Calls `listener` when the session has ended while the page is open. */
export function onExpired(listener) {
  listeners.add(listener);
  clearTimeout(timer);
  const session = read(NAME);
  if (!session?.accessToken) return;
  timer = setTimeout(expired, Math.min(Math.max(session.expiresAt - MARGIN - Date.now(), 0), LONGEST));
}
