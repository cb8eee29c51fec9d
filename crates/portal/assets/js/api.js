/**
 * Asks the API: JSON with the token of the session, and errors as `Problem`s whose words a person can read.
 *
 * A GET is asked again by itself when the answer is 503 (after `Retry-After`) or when the connection broke. Anything else is
 * asked once, unless the caller gives an `Idempotency-Key`: then a 503 or a 409 that says `Retry-After` is asked again with
 * the same key, which never does the same thing twice.
 */
import * as session from "./session.js";

/** API Gateway gives up after 30 s; a little more, so that its own words arrive. In milliseconds. */
const PATIENCE = 35_000;
/** How often a request is sent in all. */
const TRIES = 3;
/** The longest `Retry-After` that is waited for without a person's word, in seconds. */
const LONGEST_WAIT = 15;
/** Answers of the server that mean that nothing was written; any other failure of it may come after the write. */
const NOTHING_WRITTEN = ["/problems/database-unavailable", "/problems/too-busy", "/problems/sign-in-unavailable"];

/** An answer that is not what was asked for. */
export class Problem extends Error {
  /**
   * `kind`: "refused" (the API said no), "signed-out", "network" (no answer came), "timeout", or "unreadable".
   * Of the problem document (RFC 9457): `status`, `type`, `title`, `detail`, `errors`, `rejected`, `requestId`.
   * `unclear`: whether any try of the request, not only the last, may have been recorded all the same.
   */
  constructor(kind, members = {}) {
    super(members.detail ?? members.title ?? kind);
    Object.assign(this, { kind, status: 0, type: "", title: "", detail: "", errors: [], rejected: [], requestId: "", unclear: false }, members);
  }
}

/** Whether an error is a call that was given up by ourselves. */
export function wasAborted(error) {
  return error?.name === "AbortError";
}

/** Whether one try that failed like this may have been recorded all the same. What is no answer of the API at all may. Pure. */
export function mayBeRecorded(error) {
  if (error.kind === undefined || ["network", "timeout", "unreadable"].includes(error.kind)) return true;
  return error.status === 409 || (error.status >= 500 && !NOTHING_WRITTEN.includes(error.type));
}

/** A path with a query; members that are null, undefined or "" are left out. */
export function address(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text === "" ? path : `${path}?${text}`;
}

/** Seconds that an answer asks to wait, or null. */
export function retryAfter(headers) {
  const seconds = Number.parseInt(headers.get("retry-after") ?? "", 10);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
}

/** The name that a `Content-Disposition` gives a file, or null. */
export function fileName(disposition) {
  const plain = /filename="?([^";]+)"?/i.exec(disposition ?? "");
  return plain ? plain[1].replace(/[/\\]/g, "_") : null;
}

function wait(seconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

async function once(method, path, { body, headers, accept, signal, patience }) {
  const token = session.token();
  if (!token) {
    session.expired();
    throw new Problem("signed-out", { status: 401, title: "You are signed out", detail: "Sign in again to go on." });
  }
  const all = new Headers({ accept, authorization: `Bearer ${token}`, ...headers });
  if (body !== undefined) all.set("content-type", "application/json");
  const limits = [AbortSignal.timeout(patience), ...(signal ? [signal] : [])];
  try {
    return await fetch(path, {
      method,
      headers: all,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.any(limits),
      credentials: "omit",
      cache: "no-store",
    });
  } catch (error) {
    if (signal?.aborted) throw signal.reason ?? error;
    if (error.name === "TimeoutError") {
      throw new Problem("timeout", { title: "The answer took too long", detail: "Try again in a moment." });
    }
    throw new Problem("network", { title: "The connection is lost", detail: "No answer came. Check the network, and try again." });
  }
}

async function problemOf(response) {
  const document = await response.json().catch(() => ({}));
  const members = {
    status: response.status,
    type: document.type ?? "",
    title: document.title ?? `The server answered with status ${response.status}`,
    // API Gateway's own answers have a message instead of a detail.
    detail: document.detail ?? document.message ?? "",
    errors: document.errors ?? [],
    rejected: document.rejected ?? [],
    requestId: document.requestId ?? response.headers.get("x-request-id") ?? "",
    document,
  };
  if (response.status === 401) {
    session.expired();
    return new Problem("signed-out", { ...members, title: "You are signed out", detail: "Sign in again to go on." });
  }
  return new Problem("refused", members);
}

function mayAskAgain(method, options, response) {
  const seconds = retryAfter(response.headers);
  const safe = method === "GET" && response.status === 503;
  const keyed = "idempotency-key" in options.headers && [409, 503].includes(response.status);
  return (safe || keyed) && seconds !== null && seconds <= LONGEST_WAIT ? Math.max(seconds, 1) : null;
}

/**
 * One request; answers the `Response` (2xx or 304). Options: `query`, `body` (any JSON value), `headers` (names in small
 * letters), `accept`, `signal`, `patience` (milliseconds), `tries`, `onWait` (is told the seconds before another try).
 */
export async function send(method, path, options = {}) {
  const settled = { accept: "application/json", patience: PATIENCE, tries: TRIES, onWait: () => {}, headers: {}, ...options };
  const where = address(path, settled.query);
  let unclear = false;
  /** The error of a try, which knows of the tries before it too. */
  const marked = (error) => {
    unclear ||= mayBeRecorded(error);
    return error instanceof Problem ? Object.assign(error, { unclear }) : error;
  };
  for (let left = settled.tries - 1; ; left -= 1) {
    let response;
    try {
      response = await once(method, where, settled);
    } catch (error) {
      if (error.kind !== "network" || method !== "GET" || left <= 0) throw marked(error);
      await wait(1, settled.signal);
      continue;
    }
    if (response.ok || response.status === 304) return response;
    const problem = marked(await problemOf(response));
    const seconds = left > 0 ? mayAskAgain(method, settled, response) : null;
    if (seconds === null) throw problem;
    settled.onWait(seconds);
    await wait(seconds, settled.signal);
  }
}

async function json(response) {
  try {
    return await response.json();
  } catch (error) {
    if (wasAborted(error)) throw error;
    throw new Problem("unreadable", { status: response.status, unclear: true, title: "The answer cannot be read", detail: "Try again in a moment." });
  }
}

/** The JSON at a path. */
export async function get(path, options) {
  return json(await send("GET", path, options));
}

/** The answer to a POST of JSON. */
export async function post(path, body, options) {
  return json(await send("POST", path, { ...options, body }));
}

/** A file: `{blob, name}`. */
export async function download(path, options) {
  const response = await send("GET", path, { accept: "*/*", ...options });
  return { blob: await response.blob(), name: fileName(response.headers.get("content-disposition")) };
}
