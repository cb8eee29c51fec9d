/**
 * One bulk change, watched: how far it is, when it will be done, and what became of each device.
 */
import { get } from "../api.js";
import { fill, h } from "../dom.js";
import { saveCsv } from "../files.js";
import { count, dateTime, number, soon } from "../format.js";
import { banner, emptyState, problemBox, takeBanner, toast } from "../notice.js";
import { pager } from "../pager.js";
import { dataTable } from "../table.js";
import { hold, reason, remedy } from "../words.js";
import { showLog } from "./bulk_changes_log.js";
import { legend, marks } from "./bulk_changes_marks.js";
import { watch } from "./bulk_changes_watch.js";
import { customer, isOver, link, progress, statusTag, type } from "./bulk_changes_words.js";

const LOST = "connection";
/** Devices of one answer when all of an outcome are fetched; the most that the API gives. */
const MANY = 500;
/** The outcomes that devices can be narrowed to; what needs a person first. */
const OUTCOMES = [
  ["failed", "Failed"],
  ["inReview", "In review"],
  ["inWork", "In work"],
  ["waiting", "Waiting"],
  ["processed", "Processed"],
];

/** Fills the page; `id` is what the address says. */
export function showOne(main, id) {
  const path = `/M2M/BulkChangeStatus/${encodeURIComponent(id)}`;
  const state = { page: 1, pageSize: 25, outcome: new URLSearchParams(location.search).get("outcome") ?? "" };
  let watching = null;
  let newest = null;
  document.title = `Bulk change ${id} · Device association`;

  const status = h("span", { role: "status" });
  const facts = h("dl", { class: "facts" });
  const bar = h("div", { class: "bar" });
  const held = h("div", {});
  const save = h("button", { type: "button", onclick: saveFailed }, "Save the failed ones as CSV");
  const buttons = new Map(["", ...OUTCOMES.map(([name]) => name)].map((name) =>
    [name, h("button", { type: "button", onclick: () => change({ outcome: name, page: 1 }) })]));
  const table = dataTable({
    caption: "Devices",
    lines: 2,
    key: (item) => item.iccid,
    columns: [
      { id: "iccid", label: "ICCID", width: 186, cell: (item) => device(item) },
      { id: "msisdn", label: "MSISDN", width: 120, cell: (item) => item.msisdn ?? "–" },
      { id: "marks", label: "Steps", width: 180, cell: marks },
      { id: "outcome", label: "Outcome", width: 224, cell: outcomeTag },
      { id: "reason", label: "Reason", width: 260, grow: true, cell: why },
      { id: "processed", label: "Ended", width: 146, cell: (item) => dateTime(item.processedAt) },
      { id: "log", label: "Log", width: 56, cell: (item) => h("button", { type: "button", class: "link", "aria-label": `Log of ${item.iccid}`, onclick: () => showLog(id, item.iccid) }, "Log") },
    ],
    empty: nothing,
  });
  const pages = pager({ label: "Pages of devices", onpage: (page) => change({ page }), onsize: (pageSize) => change({ pageSize, page: 1 }) });

  main.append(
    h("p", { class: "small" }, h("a", { href: "/M2M/BulkChanges" }, "All bulk changes")),
    h("div", { class: "page-head" }, h("h1", {}, `Bulk change ${id}`), status, h("div", { class: "actions" }, save)),
    held,
    h("section", { class: "panel summary", "aria-label": "How far it is" }, bar, facts),
    h("div", { class: "tabs outcomes", role: "group", "aria-label": "Which devices" }, OUTCOMES.map(([name]) => buttons.get(name)), buttons.get("")),
    table.element,
    pages.element,
    legend(),
  );
  save.hidden = true;
  again();

  function change(members) {
    Object.assign(state, members);
    const query = new URLSearchParams({ id, ...(state.outcome && { outcome: state.outcome }) });
    history.replaceState(null, "", `${location.pathname}?${query}`);
    again();
  }

  function again() {
    watching?.abort();
    watching = new AbortController();
    table.setBusy(true);
    // Another page begins at its top; news of the same page stays where one reads.
    let first = true;
    watch({
      path,
      query: { ...state },
      signal: watching.signal,
      onnews(answer) {
        show(answer, !first);
        first = false;
        return isOver(answer);
      },
      onlost({ milliseconds, now }) {
        table.setBusy(false);
        banner({
          name: LOST,
          kind: "warn",
          text: `Connection lost, trying again in ${count(Math.max(Math.round(milliseconds / 1000), 1), "second")}. What is shown may be old.`,
          action: { label: "Try now", run: now },
        });
      },
      onback() {
        takeBanner(LOST);
        toast("The connection is back.");
      },
      onrefused(error) {
        takeBanner(LOST);
        table.setBusy(false);
        if (error.kind === "signed-out") return;
        if (error.status === 404) showMissing();
        else table.setInstead(problemBox(error, again));
      },
    });
  }

  function showMissing() {
    fill(main, emptyState({
      title: "There is no such bulk change",
      text: `Bulk change ${id} does not exist, or belongs to a customer that you may not use.`,
      action: h("a", { class: "button", href: "/M2M/BulkChanges" }, "All bulk changes"),
    }));
  }

  function show(answer, keepPlace) {
    const finished = newest !== null && !isOver(newest) && isOver(answer);
    newest = answer;
    fill(status, statusTag(answer));
    const { total, processed, failed } = answer.counts;
    fill(bar, progress(answer), h("p", {}, h("strong", {}, `${answer.percent} %`), ` · ${number(processed + failed)} of ${count(total, "device")} done`));
    fill(facts, pairs(answer));
    fill(held, answer.waitsFor && h("p", { class: "held" }, hold(answer.waitsFor, soon)));
    const shown = [["", "All"], ...OUTCOMES];
    for (const [name, label] of shown) {
      const button = buttons.get(name);
      fill(button, `${label} ${number(name === "" ? total : answer.counts[name])}`);
      button.setAttribute("aria-pressed", String(state.outcome === name));
    }
    save.hidden = failed === 0;
    const last = Math.max(Math.ceil(answer.total / answer.pageSize), 1);
    if (answer.page > last) {
      change({ page: last });
      return;
    }
    table.setRows(answer.items, { keepPlace });
    table.setBusy(false);
    pages.set(answer);
    pages.element.hidden = answer.total === 0;
    if (finished) toast(`Bulk change ${id} is finished: ${count(processed, "device")} processed, ${number(failed)} failed.`);
  }

  function nothing() {
    const label = OUTCOMES.find(([name]) => name === state.outcome)?.[1].toLowerCase();
    if (!label) return emptyState({ title: "No devices", text: "This bulk change names no device." });
    return emptyState({
      title: `No device is ${label}`,
      text: "",
      action: h("button", { type: "button", onclick: () => change({ outcome: "", page: 1 }) }, "Show all"),
    });
  }

  async function saveFailed() {
    save.disabled = true;
    try {
      const rows = [["ICCID", "MSISDN", "Status", "Code", "Reason"]];
      for (let page = 1, total = 1; (page - 1) * MANY < total; page += 1) {
        const answer = await get(path, { query: { outcome: "failed", page, pageSize: MANY } });
        total = answer.total;
        rows.push(...answer.items.map((item) => [item.iccid, item.msisdn ?? "", item.status, item.reason?.code ?? "", item.reason?.text ?? ""]));
      }
      saveCsv(rows, `bulk-change-${id}-failed.csv`);
    } catch (error) {
      if (error.kind !== "signed-out") fill(held, problemBox(error, saveFailed));
    } finally {
      save.disabled = false;
    }
  }
}

function device(item) {
  return item.deviceId
    ? h("a", { href: `/M2M/DeviceDetails/${item.deviceId}`, class: "mono" }, item.iccid)
    : h("span", { class: "mono" }, item.iccid);
}

function outcomeTag(item) {
  if (item.inReview) return h("span", { class: "tag warn" }, "In review");
  const [label, kind] = {
    PENDING: ["Waiting", ""],
    PROCESSING: ["In work", "accent"],
    PROCESSED: ["Processed", "good"],
    ERROR: ["Failed", "bad"],
    API_FAILED: ["Failed", "bad"],
  }[item.status] ?? [item.status, ""];
  const failed = kind === "bad" && item.reason?.code ? `✕ ${reason(item.reason.code)}` : label;
  return h("span", { class: `tag ${kind}` }, failed);
}

/** Why a device failed, in the API's words, and what to do. */
function why(item) {
  if (!item.reason) return "";
  const { code, text } = item.reason;
  const advice = code ? remedy(code) : "";
  return h("span", { title: [text, advice].filter(Boolean).join(". ") }, text, advice && h("span", { class: "muted" }, ` · ${advice}`));
}

function pairs(answer) {
  const rows = [
    ["Customer", customer(answer.customer)],
    ["What", type(answer)],
    ["Asked for", `${dateTime(answer.createdAt)} by ${answer.createdBy}`],
    !isOver(answer) && ["Estimated finish", answer.estimatedFinish ? soon(answer.estimatedFinish) : "cannot be told now"],
    answer.linked && ["Carrier plan change", [link(answer.linked.id), " ", statusTag({ status: answer.linked.status, counts: { failed: 0 } })]],
    answer.linkedFrom && ["Follows", link(answer.linkedFrom)],
  ];
  return rows.filter(Boolean).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)));
}
