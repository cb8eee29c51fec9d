/**
 * Step 4 of the wizard: the API's own check (`validateOnly=true`), and what it says about each device.
 */
import { post, wasAborted } from "../api.js";
import { fill, h } from "../dom.js";
import { copy, saveCsv } from "../files.js";
import { NOTHING, count, date, number } from "../format.js";
import { emptyState, problemBox, toast } from "../notice.js";
import { dataTable } from "../table.js";
import * as words from "../words.js";
import { byReason, estimate, rejectedCells, rows } from "./outcome.js";
import { stepOf } from "./request.js";

const NO_DEVICE = "/problems/no-device-can-be-associated";

const COLUMNS = [
  { id: "iccid", label: "ICCID", width: 184, cell: (row) => h("span", { class: "mono" }, row.iccid) },
  {
    id: "result", label: "Result", width: 232,
    cell: (row) => row.accepted ? h("span", { class: "tag good" }, "✓ Accepted") : h("span", { class: "tag bad" }, `✕ ${words.reason(row.code)}`),
  },
  {
    id: "what", label: "What happens, or why not", width: 380, grow: true,
    cell: (row) => row.unfinished === null ? row.what : [`${row.what} `, h("a", { href: `/M2M/BulkChanges?id=${row.unfinished}` }, `Bulk change ${row.unfinished}`)],
  },
  { id: "before", label: "Customer now", width: 120, cell: (row) => row.accepted ? row.before ?? "nobody's" : NOTHING },
  { id: "from", label: "From", width: 112, cell: (row) => date(row.from) },
];

/** Answers `{element, show()}`; `run.preview` holds what the check said of the request as it is now. */
export function checkStep(run) {
  const element = h("div", { class: "stack" });
  let checking = new AbortController();

  async function check() {
    checking.abort();
    checking = new AbortController();
    const request = run.request();
    const asked = JSON.stringify(request);
    const devices = request.devices.length;
    fill(element, h("p", { role: "status", class: "waiting" }, `Checking ${count(devices, "device")} …`));
    run.setPreview(null);
    try {
      const preview = await post("/M2M/AssociateCustomer", request, { query: { validateOnly: "true" }, signal: checking.signal });
      run.setPreview({ asked, preview });
      showPreview(preview);
    } catch (error) {
      if (wasAborted(error)) return;
      if (error.type === NO_DEVICE) {
        const preview = { accepted: 0, devices: [], rejected: error.rejected, duplicates: [], revCalls: 0, minutes: null, estimatedFinish: null, waitsFor: null };
        run.setPreview({ asked, preview });
        showPreview(preview);
      } else {
        showProblem(error);
      }
    }
  }

  function showProblem(error) {
    const steps = [...new Set((error.errors ?? []).map(({ pointer }) => stepOf(pointer)))].sort();
    fill(element, problemBox(error, check),
      h("p", { class: "row" }, steps.map((step) => h("button", { type: "button", onclick: () => run.go(step) }, `Go to step ${step}`))));
  }

  function showPreview(preview) {
    const all = rows(preview);
    const rejected = preview.rejected;
    const table = dataTable({ caption: "What would happen to each device", columns: COLUMNS, key: (row) => row.iccid, lines: 2,
      empty: () => emptyState({ title: "None" }) });
    const tabs = [
      ["All", () => true, all.length],
      ["Accepted", (row) => row.accepted, preview.accepted],
      ["Rejected", (row) => !row.accepted, rejected.length],
      ...byReason(rejected).map(({ code, count: many }) => [words.reason(code), (row) => row.code === code, many]),
    ].map(([label, fits, many]) => {
      const button = h("button", { type: "button", "aria-pressed": "false", onclick: () => choose(button, fits) }, `${label} ${number(many)}`);
      return { button, fits };
    });
    const choose = (button, fits) => {
      for (const tab of tabs) tab.button.setAttribute("aria-pressed", String(tab.button === button));
      table.setRows(all.filter(fits));
    };
    fill(element,
      h("p", { class: "verdict", role: "status" },
        h("strong", { class: preview.accepted > 0 ? "good" : "bad" }, `${number(preview.accepted)} accepted`), " · ",
        h("strong", { class: rejected.length > 0 ? "bad" : "" }, `${number(rejected.length)} rejected`),
        preview.duplicates.length > 0 && ` · ${number(preview.duplicates.length)} named twice`),
      preview.accepted > 0 ? h("p", {}, estimate(preview)) : h("p", {}, "Nothing can be submitted: no device is accepted."),
      h("div", { class: "row" }, h("div", { class: "tabs", role: "group", "aria-label": "Show" }, tabs.map(({ button }) => button)),
        h("div", { class: "row right" },
          rejected.length > 0 && h("button", { type: "button", onclick: () => copyRejected(rejected) }, "Copy rejected"),
          rejected.length > 0 && h("button", { type: "button", onclick: () => saveCsv(rejectedCells(rejected), "rejected-devices.csv") }, "Save rejected as csv"),
          h("button", { type: "button", onclick: check }, "Check again"))),
      table.element);
    choose(tabs[rejected.length > 0 ? 2 : 0].button, tabs[rejected.length > 0 ? 2 : 0].fits);
  }

  return {
    element,
    show() {
      const kept = run.preview();
      if (kept) showPreview(kept);
      else check();
    },
    faults() {},
    leave: () => checking.abort(),
  };
}

async function copyRejected(rejected) {
  const text = rejectedCells(rejected).map((cells) => cells.join("\t")).join("\n");
  toast((await copy(text)) ? `Copied ${count(rejected.length, "device")} with reasons.` : "The browser did not allow copying: save the file instead.");
}
