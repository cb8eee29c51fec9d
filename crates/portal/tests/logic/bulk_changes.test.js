/**
 * The pages of bulk changes: what stands in the address, how a mark stands, and how long a lost connection is waited for.
 */
import assert from "node:assert/strict";
import { test } from "node:test";

import { readState, writeState } from "../../assets/js/pages/bulk_changes_list.js";
import { standing } from "../../assets/js/pages/bulk_changes_marks.js";
import { pause } from "../../assets/js/pages/bulk_changes_watch.js";
import { isOver } from "../../assets/js/pages/bulk_changes_words.js";

test("an address holds what is not as usual, and leads back to the same list", () => {
  assert.equal(writeState(readState("")), "");
  const state = readState("?status=ERROR&page=3&filter=100%25+fleet&unknown=1");
  assert.deepEqual([state.status, state.page, state.filter, state.sort], ["ERROR", 3, "100% fleet", "created"]);
  assert.deepEqual(readState(writeState(state)), state);
  for (const nonsense of ["?page=0", "?page=-2", "?page=x"]) assert.equal(readState(nonsense).page, 1, nonsense);
});

test("a mark is open until the device has ended, and never a failure where nothing was asked for", () => {
  assert.equal(standing(true, false), "yes");
  assert.equal(standing(false, false), "open");
  assert.equal(standing(false, true), "no");
  assert.equal(standing(null, true), "none");
});

test("a lost connection is tried again after 1, 2, 4 … 30 seconds, a quarter more or less", () => {
  const middle = [1, 2, 3, 4, 5, 6, 60].map((failures) => pause(failures, 0.5));
  assert.deepEqual(middle, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  assert.deepEqual([pause(1, 0), pause(1, 1)], [750, 1_250]);
});

test("a bulk change is over when every device has ended and its status says so", () => {
  assert.equal(isOver({ percent: 100, status: "PROCESSED" }), true);
  assert.equal(isOver({ percent: 100, status: "ERROR" }), true);
  // The last device has ended; what happens once, at the end, has not.
  assert.equal(isOver({ percent: 100, status: "PROCESSING" }), false);
  assert.equal(isOver({ percent: 99, status: "PROCESSED" }), false);
});
