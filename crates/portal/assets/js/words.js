/**
 * Codes of the API in words. Pure. A code that is not known is shown as it is: a newer server may know more.
 */

/** Reasons why a device cannot be assigned: the short name, and what to do about it. */
const REASONS = {
  "device-not-found": ["Not found", "Check the ICCID and the service provider."],
  "device-archived": ["Archived", "Bring the device back from the archive first."],
  "device-status": ["Status does not allow it", "Change the device's status first."],
  "assigned-to-other-customer": ["Belongs to another customer", "Release it there first."],
  "unfinished-change": ["Another change is under way", "Wait until that bulk change is finished."],
  "already-assigned": ["Already assigned", "Nothing to do."],
  "active-service-line": ["Billed already", "It has a live service line of this customer."],
  "no-activation-date": ["No activation day", "Give an effective date."],
  "rev-refused": ["Refused by Rev.io", "Mend at Rev.io what it names, then assign again."],
  "rev-unreachable": ["Rev.io could not be reached", "Assign again later."],
  "number-in-use": ["Number in use at Rev.io", "Mend it at Rev.io, then assign again."],
  "rev-customer": ["Customer not usable at Rev.io", "Check the customer at Rev.io."],
  "rev-product": ["Product not offered at Rev.io", "Choose a product that Rev.io offers to the customer."],
  "billing-outcome-unknown": ["A person has to look", "Whether a line was opened is being found out."],
  "customer-not-usable": ["Customer not usable", "Mend the customer, then assign again."],
  "rate-plan-not-found": ["Rate plan not found", "Choose a plan of the service provider."],
  "duplicate-device": ["Named twice", "Nothing to do: its other row counts."],
  "malformed-change": ["Stored change is damaged", "Tell an administrator."],
  unrecordable: ["Could not be recorded", "Tell an administrator."],
};

const STEPS = {
  "open-service-line": "open a service line",
  "take-ownership": "assign to the customer",
  "keep-ownership": "stays with the customer",
  "assign-customer-rate-plan": "set the customer rate plan",
  "queue-customer-rate-plan": "queue the customer rate plan",
  "change-carrier-rate-plan": "change the carrier rate plan",
};

const HOLDS = {
  "rev-account-paused": "Calls of Rev.io are paused for this account",
  "rev-quota-of-the-day": "Today's calls of Rev.io are used up; they go on at midnight, UTC",
  "rev-account-stopped": "Calls of Rev.io are stopped for this account; an administrator has to look",
};

/** The short name of a reason. */
export function reason(code) {
  return REASONS[code]?.[0] ?? code;
}

/** What to do about a reason; "" when nobody knows. */
export function remedy(code) {
  return REASONS[code]?.[1] ?? "";
}

/** What is done with a device, as one line. */
export function steps(list) {
  const text = list.map((step) => STEPS[step] ?? step).join(", then ");
  return text === "" ? "" : text[0].toUpperCase() + text.slice(1);
}

/** What calls wait for: `{code, until}` of an estimate. */
export function hold(waitsFor, when) {
  const text = HOLDS[waitsFor.code] ?? waitsFor.code;
  return waitsFor.until && waitsFor.code === "rev-account-paused" ? `${text} until ${when(waitsFor.until)}` : text;
}
