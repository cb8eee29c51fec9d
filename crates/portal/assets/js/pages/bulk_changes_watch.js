/**
 * Watches one bulk change: asks with the tag of the last answer and `Prefer: wait=20`, so that news arrives as it happens and no
 * news costs next to nothing. A lost connection is tried again, later and later, until it is back.
 */
import { Problem, send, wasAborted } from "../api.js";

/** Seconds that an answer may wait for news. */
const WAIT = 20;
/** Milliseconds before the first try after a loss, and the most between two. */
const FIRST = 1_000;
const MOST = 30_000;

/** Milliseconds before the next try, after so many in vain; `chance` (0 to 1) keeps many browsers from coming back at once. Pure. */
export function pause(failures, chance = Math.random()) {
  return Math.min(FIRST * 2 ** (failures - 1), MOST) * (0.75 + chance / 2);
}

function mayPass(error) {
  return ["network", "timeout", "unreadable"].includes(error.kind) || [429, 502, 503, 504].includes(error.status);
}

/** An answer that breaks off in its middle is a lost connection too. */
async function read(response) {
  const text = await response.text().catch(() => {
    throw new Problem("network", { title: "The connection is lost" });
  });
  return JSON.parse(text);
}

/** Resolves when the tab is seen: nobody looks at a hidden one, and each waiting request holds a function. */
function seen(signal) {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    document.addEventListener("visibilitychange", resolve, { once: true, signal });
    signal.addEventListener("abort", resolve, { once: true });
  });
}

/**
 * Watches until the bulk change is over, the caller gives up (`signal`) or the API refuses. `path` and `query` say what is asked;
 * `onnews(answer)` gets each new answer and says by true that it was the last one; `onlost({milliseconds, now})` hears of a lost
 * connection, with the time to the next try and a function that tries at once; `onback()` that it is there again;
 * `onrefused(error)` that there is no point in going on.
 */
export async function watch({ path, query, signal, onnews, onlost, onback, onrefused }) {
  let tag = null;
  let failures = 0;
  while (!signal.aborted) {
    try {
      await seen(signal);
      const headers = tag === null ? {} : { prefer: `wait=${WAIT}`, "if-none-match": tag };
      const response = await send("GET", path, { query, headers, signal, tries: 1 });
      const answer = response.status === 304 ? null : await read(response);
      if (signal.aborted) return;
      tag = response.headers.get("etag");
      if (failures > 0) onback();
      failures = 0;
      if (answer !== null && onnews(answer)) return;
      // Without a tag there is nothing that an answer could wait against.
      if (tag === null) await later(MOST / 3, signal).done;
    } catch (error) {
      if (signal.aborted || wasAborted(error)) return;
      if (!mayPass(error)) {
        onrefused(error);
        return;
      }
      failures += 1;
      const milliseconds = pause(failures);
      const timer = later(milliseconds, signal);
      onlost({ milliseconds, now: timer.now });
      await timer.done;
    }
  }
}

function later(milliseconds, signal) {
  let now;
  const done = new Promise((resolve) => {
    now = resolve;
    setTimeout(resolve, milliseconds);
    addEventListener("online", resolve, { once: true, signal });
    signal.addEventListener("abort", resolve, { once: true });
  });
  return { done, now };
}
