/**
 * The success indicators of a device as a row of marks, each with its words for screen readers.
 */
import { h } from "../dom.js";

/** In the order of the work: the name in the answer, and in words. */
export const MARKS = [
  ["foundAndValidated", "Found and validated"],
  ["permissionConfirmed", "Permission confirmed"],
  ["serviceCreated", "Service created"],
  ["ownershipTransferred", "Ownership transferred"],
  ["ratePlanAssigned", "Rate plan assigned"],
  ["historyRecorded", "History recorded"],
  ["processingCompleted", "Processing completed"],
];

const SIGNS = {
  yes: ["✓", "yes"],
  no: ["✕", "no"],
  open: ["·", "not yet"],
  none: ["–", "not asked for"],
};

/** How a mark stands: `value` is true, false or null (not asked for); `ended` says that nothing more happens to the device. Pure. */
export function standing(value, ended) {
  if (value === null || value === undefined) return "none";
  if (value) return "yes";
  return ended ? "no" : "open";
}

/** The marks of one device. */
export function marks(item) {
  const ended = ["PROCESSED", "ERROR", "API_FAILED"].includes(item.status);
  return h("ul", { class: "marks", "aria-label": "Steps" }, MARKS.map(([name, words]) => {
    const how = standing(item.indicators[name], ended);
    const [sign, text] = SIGNS[how];
    return h("li", { class: `mark ${how}`, title: `${words}: ${text}` },
      h("span", { "aria-hidden": "true" }, sign),
      h("span", { class: "unseen" }, `${words}: ${text}`));
  }));
}

/** What the marks mean, for those who see them for the first time. */
export function legend() {
  return h("details", { class: "legend" },
    h("summary", {}, "What the marks mean"),
    h("ol", {}, MARKS.map(([, words]) => h("li", {}, words))),
    h("p", { class: "muted small" }, Object.values(SIGNS).map(([sign, text]) => `${sign} ${text}`).join("   ")));
}
