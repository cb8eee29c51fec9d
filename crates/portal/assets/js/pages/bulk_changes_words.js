/**
 * Bulk changes in words. Pure, but for the elements that carry them.
 */
import { h } from "../dom.js";

/** How each status reads, and the tag that it is shown as. */
const STATUSES = {
  NEW: ["New", ""],
  PROCESSING: ["In work", "accent"],
  PROCESSED: ["Processed", "good"],
  ERROR: ["Failed", "bad"],
};

const TYPES = {
  "customer-assignment": "Assignment",
  CustomerAssignment: "Assignment",
  "carrier-rate-plan-change": "Carrier plan",
  CarrierRatePlanChange: "Carrier plan",
  other: "Other",
};

/** The statuses that a list can be narrowed to: `[{value, label}]`. */
export const STATUS_CHOICES = Object.entries(STATUSES).map(([value, [label]]) => ({ value, label }));

/** Nobody works on it any more. */
export function isOver(bulkChange) {
  return bulkChange.percent === 100 && ["PROCESSED", "ERROR"].includes(bulkChange.status);
}

/** The status as a tag; a bulk change that ended with failures among its devices says so. */
export function statusTag(bulkChange) {
  const [label, kind] = STATUSES[bulkChange.status] ?? [bulkChange.status, ""];
  const partly = bulkChange.status === "PROCESSED" && bulkChange.counts.failed > 0;
  return h("span", { class: `tag ${partly ? "warn" : kind}` }, partly ? "Processed, with failures" : label);
}

/** What a bulk change does. */
export function type(bulkChange) {
  return TYPES[bulkChange.changeType] ?? bulkChange.changeType;
}

/** "Example Fleet (1001)". */
export function customer(given) {
  const number = given?.revCustomerId ?? given?.accountNumber;
  if (!number) return "–";
  return given.name ? `${given.name} (${number})` : number;
}

/** The address of one. */
export function place(id) {
  return `/M2M/BulkChanges?id=${id}`;
}

/** A link to one. */
export function link(id, text = `Bulk change ${id}`) {
  return h("a", { href: place(id) }, text);
}

/** The bar of what has ended, in words too. */
export function progress(bulkChange) {
  const { total, processed, failed } = bulkChange.counts;
  const label = `${bulkChange.percent} % done`;
  return h("progress", { max: Math.max(total, 1), value: total === 0 ? 1 : processed + failed, "aria-label": label, title: label });
}
