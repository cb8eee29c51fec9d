/**
 * The history of a device as a time line, newest first, a page at a time.
 */
import { get } from "../api.js";
import { fill, h } from "../dom.js";
import { date, dateTime } from "../format.js";
import { problemBox } from "../notice.js";
import { pager } from "../pager.js";

const PAGE_SIZE = 25;

/** The time line; `newest` is its first page, `{items, total}`, which came with the device. */
export function showHistory(id, newest) {
  const state = { page: 1, pageSize: PAGE_SIZE };
  const line = h("ol", { class: "timeline" });
  const trouble = h("div", {});
  const pages = pager({ label: "Pages of the history", onpage: (page) => load({ page }), onsize: (pageSize) => load({ pageSize, page: 1 }) });
  const place = h("section", { "aria-label": "History" }, h("h2", {}, "History"), trouble, line, pages.element);

  function show({ items, total }) {
    fill(line, days(items).map(([day, entries]) =>
      h("li", { class: "day" }, h("h3", {}, day), h("ol", {}, entries.map(entry)))));
    pages.set({ ...state, total });
    pages.element.hidden = total <= PAGE_SIZE;
    if (total === 0) fill(line, h("li", { class: "muted" }, "Nothing has changed yet."));
  }

  async function load(members) {
    Object.assign(state, members);
    place.setAttribute("aria-busy", "true");
    try {
      show(await get(`/api/devices/${id}/history`, { query: state }));
      fill(trouble);
    } catch (error) {
      fill(trouble, problemBox(error, () => load({})));
    } finally {
      place.removeAttribute("aria-busy");
    }
  }

  show(newest);
  return place;
}

/** Entries by their day, in the order given: `[[day, entries]]`. */
function days(items) {
  const found = new Map();
  for (const item of items) {
    const day = date(item.dateOfChange);
    found.set(day, [...(found.get(day) ?? []), item]);
  }
  return [...found];
}

function entry(item) {
  const value = (text) => (text === null || text === "" ? h("span", { class: "muted" }, "nothing") : h("span", { class: "value" }, text));
  const customer = item.customer && (item.customer.name ? `${item.customer.name} (${item.customer.revCustomerId})` : item.customer.revCustomerId);
  return h("li", {},
    h("p", {}, h("strong", {}, item.changedField ?? "Change"), ": ", value(item.previousValue), " → ", value(item.currentValue)),
    h("p", { class: "muted small" },
      h("time", { datetime: item.dateOfChange }, dateTime(item.dateOfChange)),
      item.changedBy && ` · by ${item.changedBy}`,
      item.changeEventType && ` · ${item.changeEventType}`,
      customer && ` · ${customer}`,
      item.bulkChangeId && [" · ", h("a", { href: `/M2M/BulkChanges?id=${item.bulkChangeId}` }, `Bulk change ${item.bulkChangeId}`)]));
}
