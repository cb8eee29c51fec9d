/**
 * What was done for one device, step by step, in a dialog.
 */
import { get } from "../api.js";
import { openDialog } from "../dialog.js";
import { fill, h } from "../dom.js";
import { dateTime } from "../format.js";
import { emptyState, problemBox } from "../notice.js";

/** The log of a device in a bulk change. */
export function showLog(id, iccid) {
  const body = h("div", { "aria-live": "polite" }, h("p", { class: "muted" }, "Reading the log …"));
  const load = async () => {
    try {
      const { items } = await get(`/api/bulk-changes/${id}/devices/${iccid}/log`);
      fill(body, items.length === 0
        ? emptyState({ title: "Nothing was done yet", text: "Steps appear here as they happen." })
        : h("ol", { class: "log" }, items.map(entry)));
    } catch (error) {
      fill(body, problemBox(error, load));
    }
  };
  openDialog({ title: `Steps of ${iccid}`, body, actions: [], cancel: "Close" });
  return load();
}

function entry(line) {
  const texts = [["Asked", line.asked], ["Answered", line.answered], ["Error", line.error]].filter(([, text]) => text);
  return h("li", { class: line.failed ? "failed" : "done" },
    h("p", { class: "log-head" },
      h("span", { class: line.failed ? "bad" : "good", "aria-hidden": "true" }, line.failed ? "✕" : "✓"),
      h("strong", {}, line.step),
      h("span", { class: "unseen" }, line.failed ? ", failed" : ", done"),
      line.status && h("span", { class: "tag" }, line.status),
      h("time", { datetime: line.at, class: "muted small" }, dateTime(line.at))),
    texts.length > 0 && h("details", { open: line.failed },
      h("summary", {}, "In full"),
      h("dl", {}, texts.map(([name, text]) => [h("dt", {}, name), h("dd", {}, h("code", {}, text))]))));
}
