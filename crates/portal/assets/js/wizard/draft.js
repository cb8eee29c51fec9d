/**
 * What a person has entered into the wizard so far. It is kept with every change, so that a reload, an expired sign-in or a lost
 * connection loses nothing; and it holds the one `Idempotency-Key` of this run, so that no way of submitting it submits it twice.
 */
import { read, write } from "../store.js";

const NAME = "wizard";

/** A draft with nothing in it. */
export function fresh() {
  return {
    key: crypto.randomUUID(),
    step: 1,
    source: "selection",
    pasted: "",
    serviceProviderId: "",
    customer: null,
    service: false,
    serviceTypeId: "",
    providerId: "",
    billed: "products",
    revPackageId: "",
    products: [{ productId: "", rate: "" }],
    usagePlanGroupId: "",
    prorate: false,
    description: "",
    activatedDate: "",
    carrierPlan: false,
    carrierRatePlan: "",
    commPlan: "",
    customerPlan: false,
    customerRatePlan: "",
    customerRatePool: "",
    dataMb: "",
    effective: "today",
    effectiveDate: "",
    /** What was sent and whose end is not known (wizard/sent.js), or null. */
    sent: null,
  };
}

/** The draft of this tab; a fresh one when there is none. */
export function load() {
  return { ...fresh(), ...read(NAME) };
}

/** Keeps it. */
export function keep(draft) {
  write(NAME, draft);
}

/** Begins anew. */
export function discard() {
  write(NAME, null);
}
