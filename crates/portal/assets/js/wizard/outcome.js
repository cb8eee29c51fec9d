/**
 * What a check answered, as rows of a table and as words. Pure.
 */
import { count, minutes, soon } from "../format.js";
import * as words from "../words.js";

/**
 * Rows of all devices, rejected ones first, because they are what a person looks for:
 * `{iccid, accepted, code, what, before, from}`.
 */
export function rows(preview) {
  const rejected = preview.rejected.map(({ device, code, reason, unfinished }) => ({
    iccid: device, accepted: false, code, what: reason, unfinished: unfinished ?? null, before: null, from: null,
  }));
  const accepted = preview.devices.map((device) => ({
    iccid: device.device, accepted: true, code: null, what: words.steps(device.steps), unfinished: null, before: device.assignedTo, from: device.effectiveDate,
  }));
  return [...rejected, ...accepted];
}

/** How many devices each reason has, most first: `[{code, count}]`. */
export function byReason(rejected) {
  const counts = new Map();
  for (const { code } of rejected) counts.set(code, (counts.get(code) ?? 0) + 1);
  return [...counts].map(([code, count]) => ({ code, count })).sort((a, b) => b.count - a.count);
}

/** How long it will take, as a sentence. */
export function estimate(preview, now = new Date()) {
  const calls = preview.revCalls > 0 ? `About ${count(preview.revCalls, "call")} of Rev.io` : "No calls of Rev.io";
  const hold = preview.waitsFor ? ` ${words.hold(preview.waitsFor, (when) => soon(when, now))}.` : "";
  if (preview.minutes === null || preview.estimatedFinish === null) {
    return preview.waitsFor ? `${calls}. Nobody can tell when it will be done.${hold}` : `${calls}.`;
  }
  return `${calls}; done in about ${minutes(preview.minutes)}, at ${soon(preview.estimatedFinish, now)}.${hold}`;
}

/** The rejected list as rows of cells, with a heading. */
export function rejectedCells(rejected) {
  return [["ICCID", "Code", "Reason", "What to do"], ...rejected.map(({ device, code, reason }) => [device, code, reason, words.remedy(code)])];
}
