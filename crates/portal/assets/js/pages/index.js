/**
 * /M2M/Index: the inventory. Find devices, pick them, take them to the assignment, or save them as a file.
 */
import { download, get, wasAborted } from "../api.js";
import { fill, h } from "../dom.js";
import { copy, save } from "../files.js";
import { count, number } from "../format.js";
import { start } from "../frame.js";
import { MOST } from "../identifiers.js";
import { collect } from "../inventory/collect.js";
import { COLUMNS } from "../inventory/columns.js";
import { filters } from "../inventory/filters.js";
import { askForList } from "../inventory/pasted.js";
import { FILTERS, readState, toQuery, toSearch } from "../inventory/state.js";
import { emptyState, problemBox, problemPlace, toast } from "../notice.js";
import { pager } from "../pager.js";
import { Selection } from "../selection.js";
import { read, write } from "../store.js";
import { dataTable } from "../table.js";

const PASTED = "inventory.identifiers";
const WIZARD = "/M2M/AssociateCustomer";

function build(main) {
  let state = readState(location.search);
  let pasted = read(PASTED) ?? [];
  let total = 0;
  let items = [];
  let facets = null;
  let loading = new AbortController();
  let collecting = null;
  const selection = new Selection();

  const trouble = problemPlace();
  const bar = filters({ onchange: (changes) => show({ ...changes, page: 1 }) });
  const table = dataTable({
    caption: "Devices",
    columns: COLUMNS,
    key: (device) => device.iccid,
    onsort: (sort, sortDir) => show({ sort, sortDir, page: 1 }),
    empty: nothingFound,
    selection: {
      has: (device) => selection.has(device.iccid),
      change(devices, on) {
        if (!on) return selection.remove(devices.map((device) => device.iccid));
        noRoom(selection.add(devices.map((device) => [device.iccid, device.serviceProviderId])));
      },
    },
  });
  const pages = pager({ label: "Pages", onpage: (page) => show({ page }), onsize: (pageSize) => show({ pageSize, page: 1 }) });
  const assign = h("button", { type: "button", class: "primary", onclick: () => {
    write("wizard.start", "selection");
    location.assign(WIZARD);
  } }, "Assign selected");
  const line = h("div", { class: "selection-line", role: "status" });
  const missing = h("div");
  const exports = ["xlsx", "csv"].map((format) =>
    h("button", { type: "button", onclick: (event) => exported(format, event.currentTarget) }, `Export ${format}`));

  main.append(
    h("div", { class: "page-head" },
      h("h1", {}, "Devices"),
      h("div", { class: "actions" },
        h("button", { type: "button", onclick: paste }, "Paste ICCIDs"), exports, assign)),
    trouble.element, bar.element, missing, line, table.element, pages.element,
  );
  selection.onchange(() => {
    table.refresh();
    showSelection();
  });
  addEventListener("popstate", () => {
    state = readState(location.search);
    load();
  });

  function show(changes) {
    state = { ...state, ...changes };
    history.replaceState(null, "", location.pathname + toSearch(state));
    load();
  }

  async function load() {
    loading.abort();
    loading = new AbortController();
    const { signal } = loading;
    bar.show(state);
    table.setBusy(true);
    table.setSort(state.sort, state.sortDir);
    try {
      const query = { ...toQuery(state, pasted), page: state.page, pageSize: state.pageSize, facets: facets === null ? "true" : "" };
      const answer = await get("/M2M/Index", { signal, query });
      if (signal.aborted) return;
      if (answer.facets) {
        facets = answer.facets;
        bar.offer(facets, state);
      }
      ({ total, items } = answer);
      const last = Math.max(Math.ceil(total / state.pageSize), 1);
      // The filter found less than before, and this page is gone.
      if (items.length === 0 && state.page > last) return void show({ page: last });
      table.setRows(items);
      pages.set({ page: state.page, pageSize: state.pageSize, total });
      showMissing(answer.missing ?? []);
      showSelection();
    } catch (error) {
      if (wasAborted(error)) return;
      items = [];
      table.setInstead(problemBox(error, load));
      pages.set({ page: 1, pageSize: state.pageSize, total: 0 });
    } finally {
      if (!signal.aborted) table.setBusy(false);
    }
  }

  function nothingFound() {
    const filtered = pasted.length > 0 || Object.keys(FILTERS).some((name) => state[name] !== "");
    if (!filtered) return emptyState({ title: "No devices", text: "None is visible to you. An administrator gives access to customers." });
    return emptyState({
      title: "No device fits",
      text: "Nothing matches all of the filters.",
      action: h("button", { type: "button", onclick: () => {
        setPasted([]);
        show({ ...FILTERS, page: 1 });
      } }, "Remove all filters"),
    });
  }

  function setPasted(iccids) {
    pasted = iccids;
    write(PASTED, iccids.length === 0 ? null : iccids);
  }

  function paste() {
    askForList({
      text: pasted.join("\n"),
      onfilter(iccids) {
        setPasted(iccids);
        show({ page: 1 });
      },
      onassign(text) {
        write("wizard.start", "pasted");
        write("wizard.pasted", text);
        location.assign(WIZARD);
      },
    });
  }

  function showMissing(identifiers) {
    if (pasted.length === 0) return fill(missing);
    const release = h("button", { type: "button", class: "link", onclick: () => {
      setPasted([]);
      show({ page: 1 });
    } }, "Show all devices");
    fill(missing, h("div", { class: "pasted-line" },
      h("span", {}, `Only the ${count(pasted.length, "pasted ICCID")}. `),
      identifiers.length > 0 && h("details", { class: "not-found" },
        h("summary", {}, `${number(identifiers.length)} not found`),
        h("pre", { tabindex: 0 }, identifiers.join("\n")),
        h("button", { type: "button", onclick: async () => toast((await copy(identifiers.join("\n"))) ? "Copied." : "The browser did not allow copying.") }, "Copy")),
      release));
  }

  function showSelection() {
    const none = selection.size === 0;
    assign.textContent = none ? "Assign selected" : `Assign ${count(selection.size, "device")}`;
    assign.disabled = none;
    if (collecting) return;
    const wholePage = items.length > 0 && items.every((device) => selection.has(device.iccid));
    fill(line,
      h("span", {}, none ? "Nothing selected" : `${number(selection.size)} selected`),
      !none && h("button", { type: "button", class: "link", onclick: () => selection.clear() }, "Clear"),
      wholePage && total > items.length && h("button", { type: "button", class: "link", onclick: selectAll },
        total > MOST ? `Select the first ${number(MOST)} of all ${number(total)}` : `Select all ${number(total)} that are found`));
  }

  async function selectAll() {
    collecting = new AbortController();
    const progress = h("span", {}, "Selecting …");
    fill(line, progress, h("button", { type: "button", class: "link", onclick: () => collecting.abort() }, "Stop"));
    try {
      const all = await collect(toQuery(state, pasted), MOST, {
        signal: collecting.signal,
        onprogress: (done) => fill(progress, `Selecting … ${number(done)}`),
      });
      collecting = null;
      noRoom(selection.add(all));
    } catch (error) {
      if (!wasAborted(error)) trouble.show(error);
    } finally {
      collecting = null;
      showSelection();
    }
  }

  function noRoom(left) {
    if (left > 0) toast(`One request takes at most ${number(MOST)} devices: ${number(left)} had no room.`);
  }

  async function exported(format, button) {
    trouble.clear();
    button.disabled = true;
    try {
      const query = { ...toQuery(state, pasted), format };
      const { blob, name } = await download("/M2M/DeviceInventoryExport", { query });
      save(blob, name ?? `ReportM2MInventory.${format}`);
      toast(`Saved ${name ?? format}.`);
    } catch (error) {
      trouble.show(error);
    } finally {
      button.disabled = false;
    }
  }

  showSelection();
  return load();
}

await start(build);
