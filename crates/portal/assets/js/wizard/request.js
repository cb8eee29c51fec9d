/**
 * From a draft to the request, and what is missing on the way. Pure.
 */
import { MOST, readList } from "../identifiers.js";

/** The devices of a draft: `{iccids, others, list}`. `others` are selected ones of other service providers, which are left out. */
export function devicesOf(draft, selected) {
  if (draft.source === "pasted") {
    const list = readList(draft.pasted);
    return { iccids: list.iccids, others: [], list };
  }
  const provider = Number(draft.serviceProviderId);
  const ours = selected.filter(([, of]) => of === provider);
  const others = selected.filter(([, of]) => of !== provider);
  return { iccids: ours.map(([iccid]) => iccid), others: others.map(([iccid]) => iccid), list: null };
}

/** A whole number from 1 to 2147483647, or null. */
export function id(text) {
  const value = /^[0-9]{1,10}$/.test(text.trim()) ? Number(text) : 0;
  return value >= 1 && value <= 2_147_483_647 ? value : null;
}

/** An amount with at most four digits behind the point, not negative; null when it is none. */
export function amount(text) {
  return /^[0-9]{1,12}(\.[0-9]{1,4})?$/.test(text.trim()) ? Number(text) : null;
}

/** A day as `<input type="date">` gives it. */
function day(text) {
  return /^\d{4}-\d{2}-\d{2}$/.test(text);
}

const ID = "Give a whole number, 1 or more.";
const AMOUNT = "Give an amount such as 4.50.";

/** What is wrong in step 1, as `{name: words}`. */
function faultsOfDevices(draft, devices) {
  const faults = {};
  if (draft.serviceProviderId === "") faults.serviceProviderId = "Choose the service provider of the devices.";
  if (devices.iccids.length === 0) faults.devices = draft.source === "pasted" ? "Paste at least one ICCID." : "Select at least one device.";
  if (devices.iccids.length > MOST) faults.devices = `One request takes at most ${MOST} devices: leave out ${devices.iccids.length - MOST}.`;
  return faults;
}

function faultsOfService(draft) {
  const faults = {};
  for (const name of ["serviceTypeId", "providerId"]) if (id(draft[name]) === null) faults[name] = ID;
  if (draft.usagePlanGroupId.trim() !== "" && id(draft.usagePlanGroupId) === null) faults.usagePlanGroupId = ID;
  if (draft.billed === "package") {
    if (id(draft.revPackageId) === null) faults.revPackageId = ID;
    return faults;
  }
  if (draft.products.length === 0) faults.products = "Add at least one product.";
  const ids = draft.products.map(({ productId }) => id(productId));
  for (const [at, { rate }] of draft.products.entries()) {
    if (ids[at] === null) faults[`productId/${at}`] = ID;
    else if (ids.indexOf(ids[at]) < at) faults[`productId/${at}`] = "This product is named above.";
    if (amount(rate) === null) faults[`rate/${at}`] = AMOUNT;
  }
  return faults;
}

function faultsOfOptions(draft) {
  const faults = draft.service ? faultsOfService(draft) : {};
  if (draft.carrierPlan && draft.carrierRatePlan === "") faults.carrierRatePlan = "Choose a carrier rate plan.";
  if (draft.customerPlan) {
    if (draft.customerRatePlan === "") faults.customerRatePlan = "Choose a customer rate plan.";
    if (draft.dataMb.trim() !== "" && amount(draft.dataMb) === null) faults.dataMb = "Give megabytes such as 250.";
  }
  if (draft.effective === "on" && !day(draft.effectiveDate)) faults.effectiveDate = "Give the day.";
  return faults;
}

/** What is wrong in a step, `{name: words}`; empty when nothing is. Steps 4 and 5 have nothing to enter. */
export function faultsOf(step, draft, devices) {
  if (step === 1) return faultsOfDevices(draft, devices);
  if (step === 2) return draft.customer === null ? { customer: "Choose the customer." } : {};
  return step === 3 ? faultsOfOptions(draft) : {};
}

/** The first step with a fault, or null. */
export function firstFaulty(draft, devices) {
  return [1, 2, 3].find((step) => Object.keys(faultsOf(step, draft, devices)).length > 0) ?? null;
}

/** The body of `POST /M2M/AssociateCustomer`. Only what was chosen is in it. */
export function requestOf(draft, devices) {
  const request = {
    devices: devices.iccids,
    serviceProviderId: Number(draft.serviceProviderId),
    revCustomerId: draft.customer.revCustomerId,
    integrationAuthenticationId: draft.customer.integrationAuthenticationId,
  };
  if (draft.effective === "on") request.effectiveDate = draft.effectiveDate;
  if (draft.effective === "carrier") request.useCarrierActivationDate = true;
  if (draft.service) Object.assign(request, serviceOf(draft));
  if (draft.carrierPlan) {
    Object.assign(request, { addCarrierRatePlan: true, carrierRatePlan: draft.carrierRatePlan });
    if (draft.commPlan.trim() !== "") request.commPlan = draft.commPlan.trim();
  }
  if (draft.customerPlan) {
    Object.assign(request, { addCustomerRatePlan: true, customerRatePlan: Number(draft.customerRatePlan) });
    if (draft.customerRatePool !== "") request.customerRatePool = Number(draft.customerRatePool);
    if (draft.dataMb.trim() !== "") request.customerDataAllocationMB = amount(draft.dataMb);
  }
  return request;
}

function serviceOf(draft) {
  const service = {
    createRevService: true,
    serviceTypeId: id(draft.serviceTypeId),
    providerId: id(draft.providerId),
    prorate: draft.prorate,
  };
  if (draft.billed === "package") service.revPackageId = id(draft.revPackageId);
  else service.products = draft.products.map(({ productId, rate }) => ({ productId: id(productId), rate: amount(rate) }));
  if (draft.description.trim() !== "") service.description = draft.description.trim();
  if (draft.usagePlanGroupId.trim() !== "") service.usagePlanGroupId = id(draft.usagePlanGroupId);
  if (draft.activatedDate !== "") service.activatedDate = draft.activatedDate;
  return service;
}

/** The step that a pointer of a problem belongs to. */
export function stepOf(pointer) {
  const name = pointer.split("/")[1] ?? "";
  if (["devices", "serviceProviderId"].includes(name)) return 1;
  return ["revCustomerId", "integrationAuthenticationId"].includes(name) ? 2 : 3;
}
