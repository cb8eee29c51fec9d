import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { Problem, mayBeRecorded, post } from "../../assets/js/api.js";
import { fresh } from "../../assets/js/wizard/draft.js";
import { begun, changed, mustAsk, openSteps, stillOpen, toSend } from "../../assets/js/wizard/sent.js";

const BODY = { devices: ["89000110000000000001"], revCustomerId: "1001" };
const OTHER = { devices: ["89000110000000000002"], revCustomerId: "1002" };

const network = new Problem("network");
const away = new Problem("refused", { status: 503, type: "/problems/database-unavailable" });
const signedOut = new Problem("signed-out", { status: 401 });
const invalid = new Problem("refused", { status: 422, type: "/problems/invalid-request" });
const reused = new Problem("refused", { status: 422, type: "/problems/idempotency-key-reused" });

/** A draft of which `BODY` was sent. */
function sent() {
  const draft = fresh();
  return changed(draft, { sent: toSend(draft, BODY) });
}

test("only a refusal is sure not to be recorded", () => {
  for (const kind of ["network", "timeout", "unreadable"]) assert.equal(mayBeRecorded(new Problem(kind)), true, kind);
  assert.equal(mayBeRecorded(new TypeError("no answer of the API")), true);
  assert.equal(mayBeRecorded(new Problem("refused", { status: 503, type: "/problems/outcome-unknown" })), true);
  assert.equal(mayBeRecorded(new Problem("refused", { status: 409, type: "/problems/still-running" })), true);
  assert.equal(mayBeRecorded(new Problem("refused", { status: 504 })), true);
  for (const sure of [away, signedOut, invalid, reused]) assert.equal(mayBeRecorded(sure), false, sure.type);
});

test("submit again sends what was sent, whatever is chosen now, with the same key", () => {
  const draft = sent();
  assert.deepEqual(toSend(draft, OTHER), { key: draft.key, body: BODY });
  const kept = JSON.parse(JSON.stringify(draft));
  assert.deepEqual(toSend(kept, null), { key: draft.key, body: BODY });
  assert.equal(JSON.stringify(toSend(kept, OTHER).body), JSON.stringify(BODY));
});

test("what nobody checked is not sent", () => {
  assert.equal(toSend(fresh(), null), null);
});

test("a refusal after an unclear try does not make it clear", () => {
  const draft = sent();
  for (const error of [network, away, signedOut, invalid]) assert.equal(stillOpen(draft.sent, draft.sent, error), draft.sent, error.kind);
});

test("an unclear try stays open, a refused first one does not", () => {
  const { sent: sending } = sent();
  assert.equal(stillOpen(null, sending, network), sending);
  for (const error of [away, signedOut, invalid]) assert.equal(stillOpen(null, sending, error), null, error.kind);
  const afterUnclear = Object.assign(new Problem("refused", { status: 503, type: "/problems/database-unavailable" }), { unclear: true });
  assert.equal(stillOpen(null, sending, afterUnclear), sending);
});

test("a key that belongs to another request leaves nothing to send again", () => {
  const draft = sent();
  assert.equal(stillOpen(draft.sent, draft.sent, reused), null);
});

test("while a submit is open nothing that was entered changes, and only its step opens", () => {
  const draft = sent();
  assert.deepEqual(changed(draft, { pasted: "other", customer: OTHER, service: true }), draft);
  assert.equal(changed(draft, { step: 5 }).step, 5);
  assert.equal(changed(draft, { sent: null }).sent, null);
  assert.deepEqual(openSteps(draft, 2), { first: 5, last: 5 });
  assert.deepEqual(openSteps(fresh(), 2), { first: 1, last: 2 });
  assert.equal(changed(fresh(), { pasted: "typed" }).pasted, "typed");
});

test("devices from the inventory that meet an open submit are asked about", () => {
  assert.equal(mustAsk(sent(), "selection"), true);
  assert.equal(mustAsk(sent(), null), false);
  assert.equal(mustAsk(fresh(), "selection"), false);
  const draft = { ...fresh(), step: 4, serviceProviderId: "1" };
  assert.equal(begun(draft, null, null), draft);
  const { step, source, pasted, serviceProviderId } = begun(draft, "pasted", "89");
  assert.deepEqual([step, source, pasted, serviceProviderId], [1, "pasted", "89", ""]);
});

const { fetch: realFetch, setTimeout: realTimeout } = globalThis;

beforeEach(() => {
  const kept = { "m2m.session": JSON.stringify({ accessToken: "token", expiresAt: Date.now() + 3_600_000 }) };
  globalThis.sessionStorage = { getItem: (name) => kept[name] ?? null, setItem() {}, removeItem() {} };
  // Nobody waits for the time in Retry-After.
  globalThis.setTimeout = (run) => realTimeout(run, 0);
});

afterEach(() => {
  globalThis.fetch = realFetch;
  globalThis.setTimeout = realTimeout;
  delete globalThis.sessionStorage;
});

/** The error of a submit whose tries are answered with these, one after the other: `[status, type]`, or null for no answer. */
async function failedAfter(answers) {
  let at = 0;
  globalThis.fetch = async () => {
    const answer = answers[at++];
    if (answer === null) throw new TypeError("no answer");
    const [status, type] = answer;
    return new Response(JSON.stringify({ type }), { status, headers: status === 401 ? {} : { "retry-after": "1" } });
  };
  const error = await post("/M2M/AssociateCustomer", BODY, { headers: { "idempotency-key": "a" } }).then(() => assert.fail("it was answered"), (failed) => failed);
  assert.equal(at, answers.length, "every answer was asked for");
  return error;
}

test("a try that ended unclear is told, however the last one ended", async () => {
  const unknown = [503, "/problems/outcome-unknown"];
  const unavailable = [503, "/problems/database-unavailable"];
  assert.equal((await failedAfter([unknown, unavailable, unavailable])).unclear, true);
  assert.equal((await failedAfter([unknown, [401, "/problems/unauthenticated"]])).unclear, true);
  assert.equal((await failedAfter([unavailable, null])).unclear, true);
  assert.equal((await failedAfter([unavailable, unavailable, unavailable])).unclear, false);
  assert.equal((await failedAfter([unavailable, [401, "/problems/unauthenticated"]])).unclear, false);
});
