/**
 * The list of bulk changes: narrowed, sorted and paged, with all of that in the address, so that "back" and a link lead to the same
 * rows. As long as something on the page is under way, it is asked for again.
 */
import { get, wasAborted } from "../api.js";
import { h, whenQuiet } from "../dom.js";
import { checkbox, choices, field, input } from "../form.js";
import { dateTime, number } from "../format.js";
import { emptyState, problemBox } from "../notice.js";
import { pager } from "../pager.js";
import { dataTable } from "../table.js";
import { STATUS_CHOICES, customer, isOver, link, progress, statusTag, type } from "./bulk_changes_words.js";

/** Milliseconds between two looks at what is under way. */
const LOOK = 10_000;
/** Milliseconds of quiet in the filter before it is asked for. */
const QUIET = 250;
const DEFAULTS = { page: 1, pageSize: 25, sort: "created", sortDir: "desc", filter: "", status: "", mine: "" };

/** What an address asks for; what it does not name is as usual. Pure. */
export function readState(search) {
  const given = new URLSearchParams(search);
  const state = { ...DEFAULTS };
  for (const name of Object.keys(DEFAULTS)) {
    if (given.has(name)) state[name] = typeof DEFAULTS[name] === "number" ? Math.max(Math.floor(Number(given.get(name))) || 1, 1) : given.get(name);
  }
  return state;
}

/** The query of an address for a state: only what is not as usual. Pure. */
export function writeState(state) {
  const changed = Object.entries(state).filter(([name, value]) => value !== DEFAULTS[name]);
  const text = new URLSearchParams(changed.map(([name, value]) => [name, String(value)])).toString();
  return text === "" ? "" : `?${text}`;
}

const COLUMNS = [
  { id: "id", label: "Number", width: 72, cell: (row) => link(row.id, String(row.id)) },
  { id: "type", label: "What", width: 150, cell: (row) => [type(row), row.linkedFrom ? [" after ", link(row.linkedFrom, String(row.linkedFrom))] : ""] },
  { id: "customer", label: "Customer", width: 200, grow: true, cell: (row) => customer(row.customer) },
  { id: "status", label: "Status", width: 176, sort: "status", cell: statusTag },
  { id: "progress", label: "Progress", width: 100, cell: progress },
  { id: "devices", label: "Devices", width: 72, number: true, cell: (row) => number(row.counts.total) },
  { id: "failed", label: "Failed", width: 60, number: true, cell: (row) => (row.counts.failed > 0 ? h("span", { class: "bad" }, number(row.counts.failed)) : "0") },
  { id: "created", label: "Asked for", width: 148, sort: "created", cell: (row) => dateTime(row.createdDate) },
  { id: "by", label: "By", width: 100, cell: (row) => row.createdBy },
  { id: "finished", label: "Finished", width: 148, cell: (row) => dateTime(row.finishedDate) },
];

/** Fills the page. */
export function showList(main) {
  let state = readState(location.search);
  let running = null;
  let timer = 0;

  const text = input({ type: "search", value: state.filter, maxlength: 100, placeholder: "Customer, person or number" });
  const status = choices(h("select"), [{ value: "", label: "All" }, ...STATUS_CHOICES]);
  status.value = state.status;
  const mine = checkbox({ label: "Mine only", checked: state.mine === "true" });
  const table = dataTable({
    caption: "Bulk changes",
    columns: COLUMNS,
    key: (row) => row.id,
    onsort: (sort, sortDir) => change({ sort, sortDir, page: 1 }),
    empty: () => nothing(),
  });
  const pages = pager({ label: "Pages of bulk changes", onpage: (page) => change({ page }), onsize: (pageSize) => change({ pageSize, page: 1 }) });

  const narrowed = () => state.filter !== "" || state.status !== "" || state.mine !== "";
  const nothing = () =>
    narrowed()
      ? emptyState({
        title: "No bulk change fits",
        text: "Nothing matches these filters.",
        action: h("button", { type: "button", onclick: () => {
          text.value = "";
          status.value = "";
          mine.control.checked = false;
          change({ filter: "", status: "", mine: "", page: 1 });
        } }, "Clear the filters"),
      })
      : emptyState({
        title: "No bulk changes yet",
        text: "They appear here as soon as devices are assigned.",
        action: h("a", { class: "button primary", href: "/M2M/Index" }, "Find devices"),
      });

  function change(members) {
    state = { ...state, ...members };
    history.replaceState(null, "", location.pathname + writeState(state));
    load();
  }

  async function load({ quietly = false } = {}) {
    clearTimeout(timer);
    running?.abort();
    running = new AbortController();
    if (!quietly) table.setBusy(true);
    try {
      const found = await get("/M2M/BulkChanges", { query: state, signal: running.signal });
      const last = Math.max(Math.ceil(found.total / found.pageSize), 1);
      if (found.page > last) {
        change({ page: last });
        return;
      }
      table.setRows(found.items, { keepPlace: quietly });
      table.setSort(state.sort, state.sortDir);
      pages.set(found);
      pages.element.hidden = found.total === 0;
      table.setBusy(false);
      if (found.items.some((item) => !isOver(item))) timer = setTimeout(again, LOOK);
    } catch (error) {
      if (wasAborted(error)) return;
      table.setBusy(false);
      // What is shown stays when nobody asked for more.
      if (quietly && error.kind !== "refused") timer = setTimeout(again, LOOK);
      else if (error.kind !== "signed-out") table.setInstead(problemBox(error, () => load()));
    }
  }

  function again() {
    if (document.hidden) document.addEventListener("visibilitychange", again, { once: true });
    else load({ quietly: true });
  }

  text.addEventListener("input", whenQuiet(QUIET, () => change({ filter: text.value.trim(), page: 1 })));
  status.addEventListener("change", () => change({ status: status.value, page: 1 }));
  mine.control.addEventListener("change", () => change({ mine: mine.control.checked ? "true" : "", page: 1 }));

  main.append(
    h("div", { class: "page-head" },
      h("h1", {}, "Bulk changes"),
      h("div", { class: "actions" }, h("a", { class: "button primary", href: "/M2M/AssociateCustomer" }, "Assign devices"))),
    h("form", { class: "narrow", role: "search", "aria-label": "Narrow the list", onsubmit: (event) => event.preventDefault() },
      field({ label: "Find", control: text }).element,
      field({ label: "Status", control: status }).element,
      mine.element),
    table.element,
    pages.element,
  );
  return load();
}
