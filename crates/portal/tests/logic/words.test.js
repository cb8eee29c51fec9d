import assert from "node:assert/strict";
import { test } from "node:test";

import { Problem, address, fileName, retryAfter } from "../../assets/js/api.js";
import * as format from "../../assets/js/format.js";
import { active, readState, toQuery, toSearch } from "../../assets/js/inventory/state.js";
import { told } from "../../assets/js/notice.js";
import { base64url, claimsOf, faultOf, safePlace } from "../../assets/js/sign_in.js";
import * as words from "../../assets/js/words.js";

test("numbers, sizes and durations read as people say them", () => {
  assert.equal(format.number(10_003), "10,003");
  assert.equal(format.count(1, "device"), "1 device");
  assert.equal(format.count(0, "entry", "entries"), "0 entries");
  assert.deepEqual([0, 1, 1023, 1536, 5 * 1024 ** 3].map(format.bytes), ["0 bytes", "1 byte", "1,023 bytes", "1.5 KB", "5 GB"]);
  assert.deepEqual([0, 1, 59, 60, 95, 1500].map(format.minutes), ["less than a minute", "1 minute", "59 minutes", "1 h", "1 h 35 min", "1 day 1 h"]);
  assert.equal(format.date("2026-11-23"), "23 Nov 2026");
  assert.equal(format.date("2026-09-05"), "05 Sep 2026");
  for (const nothing of [format.number(null), format.bytes(undefined), format.date(null), format.dateTime("")]) assert.equal(nothing, format.NOTHING);
});

test("a code that is not known is shown as it is", () => {
  assert.equal(words.reason("device-archived"), "Archived");
  assert.equal(words.reason("brand-new"), "brand-new");
  assert.equal(words.remedy("brand-new"), "");
  assert.equal(words.steps(["open-service-line", "take-ownership"]), "Open a service line, then assign to the customer");
  assert.equal(words.steps([]), "");
});

test("a way back is a page of ours and nothing else", () => {
  const origin = "https://portal.example";
  assert.equal(safePlace("/M2M/Index?page=2#x", origin), "/M2M/Index?page=2#x");
  assert.equal(safePlace("https://portal.example/M2M/BulkChanges", origin), "/M2M/BulkChanges");
  for (const place of ["//evil.example/M2M/Index", "https://evil.example/M2M/Index", "/\\evil.example/M2M/x", "javascript:alert(1)", "/other", "/M2M/SignIn?x", "", null, "http://["]) {
    assert.equal(safePlace(place, origin), "/M2M/Index", String(place));
  }
});

test("an identity counts for this issuer, client, attempt and time only", () => {
  const client = { issuer: "https://i.example", clientId: "portal" };
  const good = { iss: "https://i.example", aud: "portal", nonce: "n", exp: 1_000, sub: "someone" };
  const fault = (changes) => faultOf({ ...good, ...changes }, client, "n", 1_000_000);
  assert.equal(fault({}), null);
  assert.equal(fault({ aud: ["x", "portal"] }), null);
  for (const changes of [{ iss: "https://i.example/" }, { aud: "x" }, { aud: undefined }, { nonce: "m" }, { nonce: undefined }, { exp: 900 }, { exp: undefined }, { sub: "" }]) {
    assert.notEqual(fault(changes), null, JSON.stringify(changes));
  }
});

test("tokens are read in base64url and UTF-8", () => {
  assert.equal(base64url(new Uint8Array([251, 255, 254])), "-__-");
  const payload = base64url(new TextEncoder().encode(JSON.stringify({ name: "Zoë ☂" })));
  assert.deepEqual(claimsOf(`h.${payload}.s`), { name: "Zoë ☂" });
});

test("an address has what was given and nothing else", () => {
  assert.equal(address("/a", {}), "/a");
  assert.equal(address("/a", { b: "", c: null, d: undefined, e: "x&y", f: 0 }), "/a?e=x%26y&f=0");
});

test("headers that may be missing or wrong are read without harm", () => {
  const headers = (value) => new Headers(value === null ? {} : { "retry-after": value });
  assert.deepEqual(["7", "0", "-1", "soon", null].map((value) => retryAfter(headers(value))), [7, 0, null, null, null]);
  assert.equal(fileName('attachment; filename="Report.xlsx"'), "Report.xlsx");
  assert.equal(fileName("attachment; filename=../a/b.csv"), ".._a_b.csv");
  assert.equal(fileName(null), null);
});

test("what a person reads of an error has no code in it", () => {
  const problem = new Problem("refused", { title: "There is no such thing", detail: "Look elsewhere.", requestId: "r" });
  assert.deepEqual(told(problem), { title: "There is no such thing", detail: "Look elsewhere.", errors: [], requestId: "r" });
  assert.equal(told(new TypeError("x is undefined")).title, "Something in this page failed");
});

test("the inventory's address keeps what differs, and bears anything", () => {
  const state = readState("?filter=a%25b&page=3&pageSize=9999&sort=usage&unknown=1");
  assert.deepEqual([state.filter, state.page, state.pageSize, state.sort], ["a%b", 3, 500, "usage"]);
  assert.equal(readState("?page=-1").page, 1);
  assert.equal(toSearch(readState("")), "");
  assert.deepEqual(readState(toSearch(state)), state);
  assert.equal(toQuery(state, ["1", "2"]).identifiers, "1 2");
  assert.deepEqual(active(readState("?assigned=false&status=Active")).map(({ label, value }) => `${label} ${value}`), ["Status Active", "Assigned no"]);
});
