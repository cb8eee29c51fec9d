/**
 * A submit that went out and whose end is not known: `draft.sent`, which is `{key, body}` from before the first try until a 202, an
 * answer that the key belongs to another request, or a new beginning. What is sent again is this body with this key, never what
 * the draft or the selection would give now: only so is it recorded once, and nothing is submitted that nobody checked. Pure.
 */
import { mayBeRecorded } from "../api.js";

/** The type of the answer that the key belongs to another request: there is nothing of ours left to be sent again. */
export const KEY_REUSED = "/problems/idempotency-key-reused";

/** What a press of the button sends: what was sent before, or else the request as it is checked now. Null: there is nothing to send. */
export function toSend(draft, checked) {
  if (draft.sent !== null) return draft.sent;
  return checked === null ? null : { key: draft.key, body: checked };
}

/**
 * What stays open after a submit of `sending` failed; null when nothing was recorded for sure. `before` is what was open when it
 * began: a refusal now says nothing of a try before it, which may still be under way.
 */
export function stillOpen(before, sending, error) {
  if (error.type === KEY_REUSED) return null;
  return before !== null || error.unclear === true || mayBeRecorded(error) ? sending : null;
}

/** The draft after changes. What was sent stays as it is while its end is not known; only the step is free. */
export function changed(draft, changes) {
  if (draft.sent === null || "sent" in changes) return { ...draft, ...changes };
  return { ...draft, step: changes.step ?? draft.step };
}

/** The steps that may be opened: `{first, last}`. `last` is the furthest when nothing is open. */
export function openSteps(draft, last) {
  return draft.sent === null ? { first: 1, last } : { first: 5, last: 5 };
}

/** Whether devices that come from the inventory (`from`: where from, or null) meet an open submit, so that a person has to decide. */
export function mustAsk(draft, from) {
  return from !== null && draft.sent !== null;
}

/** The draft with the devices that come from the inventory; the same when none come. */
export function begun(draft, from, pasted) {
  if (from === null) return draft;
  return { ...draft, step: 1, source: from, pasted: from === "pasted" ? pasted ?? "" : draft.pasted, serviceProviderId: "" };
}
