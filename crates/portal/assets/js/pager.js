/**
 * Pages of a list: where one is, back and forth, and how many rows a page has.
 */
import { fill, h, set } from "./dom.js";
import { choices, field } from "./form.js";
import { number } from "./format.js";

const SIZES = [25, 50, 100, 250, 500];

/** "26–50 of 4,913". Pure. */
export function range(page, pageSize, total) {
  if (total === 0) return "None";
  const from = (page - 1) * pageSize + 1;
  return `${number(from)}–${number(Math.min(from + pageSize - 1, total))} of ${number(total)}`;
}

/** Answers `{element, set({page, pageSize, total})}`. */
export function pager({ label, onpage, onsize }) {
  let now = { page: 1, pageSize: SIZES[0], total: 0 };
  const last = () => Math.max(Math.ceil(now.total / now.pageSize), 1);
  const button = (name, sign, target) => h("button", { type: "button", class: "quiet", "aria-label": name, title: name, onclick: () => onpage(target()) }, sign);
  const first = button("First page", "«", () => 1);
  const back = button("Page before", "‹", () => now.page - 1);
  const next = button("Next page", "›", () => now.page + 1);
  const end = button("Last page", "»", last);
  const where = h("span", { class: "where", role: "status" });
  const select = choices(h("select", { onchange: () => onsize(Number(select.value)) }), SIZES.map((size) => ({ value: size, label: size })));
  const size = field({ label: "Rows", control: select, class: "inline" });
  const element = h("nav", { class: "pager", "aria-label": label }, where, h("span", { class: "buttons" }, first, back, next, end), size.element);
  return {
    element,
    set(given) {
      now = given;
      fill(where, range(now.page, now.pageSize, now.total));
      for (const one of [first, back]) set(one, { disabled: now.page <= 1 });
      for (const one of [next, end]) set(one, { disabled: now.page >= last() });
      select.value = String(now.pageSize);
    },
  };
}
