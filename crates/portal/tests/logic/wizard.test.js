import assert from "node:assert/strict";
import { test } from "node:test";

import { fresh } from "../../assets/js/wizard/draft.js";
import { byReason, estimate, rejectedCells, rows } from "../../assets/js/wizard/outcome.js";
import { amount, devicesOf, faultsOf, firstFaulty, id, requestOf, stepOf } from "../../assets/js/wizard/request.js";

const A = "89000110000000000001";
const B = "89000110000000000002";
const CUSTOMER = { revCustomerId: "1001", integrationAuthenticationId: 1, name: "Alder" };

function draft(changes) {
  return { ...fresh(), source: "pasted", pasted: A, serviceProviderId: "1", customer: CUSTOMER, ...changes };
}

function request(changes) {
  const one = draft(changes);
  return requestOf(one, devicesOf(one, []));
}

function faults(step, changes, selected = []) {
  const one = draft(changes);
  return Object.keys(faultsOf(step, one, devicesOf(one, selected)));
}

test("each run has a key of its own", () => {
  assert.notEqual(fresh().key, fresh().key);
  assert.equal(fresh().key.length, 36);
});

test("a request has what was chosen and nothing else", () => {
  assert.deepEqual(request({ serviceTypeId: "5", carrierRatePlan: "X", dataMb: "7", effectiveDate: "2026-01-01" }), {
    devices: [A], serviceProviderId: 1, revCustomerId: "1001", integrationAuthenticationId: 1,
  });
  const service = request({ service: true, serviceTypeId: "5", providerId: " 6 ", products: [{ productId: "11", rate: "4.50" }], description: " Fleet ", prorate: true });
  assert.deepEqual([service.createRevService, service.serviceTypeId, service.providerId, service.products, service.description, service.prorate],
    [true, 5, 6, [{ productId: 11, rate: 4.5 }], "Fleet", true]);
  assert.equal("revPackageId" in service, false);
  const packaged = request({ service: true, serviceTypeId: "5", providerId: "6", billed: "package", revPackageId: "9" });
  assert.deepEqual([packaged.revPackageId, "products" in packaged], [9, false]);
  const plans = request({ customerPlan: true, customerRatePlan: "3", dataMb: "2.5", carrierPlan: true, carrierRatePlan: "C" });
  assert.deepEqual([plans.customerRatePlan, plans.customerDataAllocationMB, plans.carrierRatePlan, "customerRatePool" in plans], [3, 2.5, "C", false]);
  assert.equal(request({ effective: "on", effectiveDate: "2026-12-01" }).effectiveDate, "2026-12-01");
  assert.equal(request({ effective: "carrier" }).useCarrierActivationDate, true);
});

test("selected devices of other providers are left out and named", () => {
  const one = draft({ source: "selection" });
  assert.deepEqual(devicesOf(one, [[A, 1], [B, 2]]), { iccids: [A], others: [B], list: null });
});

test("what is missing is named where it is missing", () => {
  assert.deepEqual(faults(1, { pasted: "", serviceProviderId: "" }), ["serviceProviderId", "devices"]);
  assert.deepEqual(faults(1, { source: "selection" }, [[B, 2]]), ["devices"]);
  assert.deepEqual(faults(2, { customer: null }), ["customer"]);
  assert.deepEqual(faults(3, {}), []);
  assert.deepEqual(faults(3, { service: true }), ["serviceTypeId", "providerId", "productId/0", "rate/0"]);
  const twice = { service: true, serviceTypeId: "1", providerId: "1", products: [{ productId: "1", rate: "1" }, { productId: "01", rate: "1,5" }] };
  assert.deepEqual(faults(3, twice), ["productId/1", "rate/1"]);
  assert.deepEqual(faults(3, { carrierPlan: true, customerPlan: true, effective: "on" }), ["carrierRatePlan", "customerRatePlan", "effectiveDate"]);
  const good = draft({});
  assert.equal(firstFaulty(good, devicesOf(good, [])), null);
});

test("ids and amounts are what the API takes", () => {
  assert.deepEqual(["1", "2147483647", "0", "2147483648", "1.5", "", "x"].map(id), [1, 2147483647, null, null, null, null, null]);
  assert.deepEqual(["0", "4.50", "4.12345", "-1", "1e3", ""].map(amount), [0, 4.5, null, null, null, null]);
});

test("a fault of the API leads to its step", () => {
  assert.deepEqual(["/devices/3", "/revCustomerId", "/products/0/rate", ""].map(stepOf), [1, 2, 3, 3]);
});

const PREVIEW = {
  accepted: 1,
  devices: [{ device: A, steps: ["take-ownership"], assignedTo: null, effectiveDate: "2026-11-23" }],
  rejected: [{ device: B, code: "device-archived", reason: "the device is archived" }, { device: "x", code: "unfinished-change", reason: "r", unfinished: 7 }],
  duplicates: [],
  revCalls: 4,
  minutes: 2,
  estimatedFinish: "2026-11-23T12:02:00Z",
  waitsFor: null,
};

test("rejected devices come first, each with its reason", () => {
  const all = rows(PREVIEW);
  assert.deepEqual(all.map(({ iccid, accepted }) => [iccid, accepted]), [[B, false], ["x", false], [A, true]]);
  assert.equal(all[1].unfinished, 7);
  assert.deepEqual(byReason([...PREVIEW.rejected, PREVIEW.rejected[1]]), [{ code: "unfinished-change", count: 2 }, { code: "device-archived", count: 1 }]);
  assert.equal(rejectedCells(PREVIEW.rejected).length, 3);
});

test("an estimate says calls, minutes and what holds them up", () => {
  const now = new Date("2026-11-23T12:00:00Z");
  assert.match(estimate(PREVIEW, now), /^About 4 calls of Rev\.io; done in about 2 minutes, at \d\d:\d\d\.$/);
  const held = { ...PREVIEW, minutes: null, estimatedFinish: null, waitsFor: { code: "rev-account-stopped", until: null } };
  assert.match(estimate(held, now), /Nobody can tell.*stopped/);
  assert.equal(estimate({ ...PREVIEW, revCalls: 0, minutes: null, estimatedFinish: null }, now), "No calls of Rev.io.");
});
