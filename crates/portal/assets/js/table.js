/**
 * A dense table: head that stays, columns that sort, arrow keys from row to row, a column of checkboxes. Rows have one height and
 * only those in view are drawn, so 10,000 scroll like 10.
 *
 * `columns`: `[{id, label, width, grow, sort, number, cell(row)}]`. `width` in pixels; `grow` takes what is left; `sort` is the name
 * that `onsort(sort, direction)` gets; `cell` answers a text, a node or an array of them.
 * `selection`: `{has(row), change(rows, on), fault(row)}`; `fault` answers why a row cannot be picked, or "".
 */
import { fill, h } from "./dom.js";
import { visible } from "./window.js";

/** Heights in CSS pixels, as css/table.css has them. */
const HEIGHTS = { 1: 33, 2: 49 };
/** Up to so many rows all are drawn at once. */
const ALL = 120;

export function dataTable({ caption, columns, key, lines = 1, selection, onsort, empty }) {
  const rowHeight = HEIGHTS[lines];
  const head = h("tr", { "aria-rowindex": 1 });
  const body = h("tbody");
  const table = h(
    "table",
    { class: `data lines-${lines}` },
    h("caption", { class: "unseen" }, caption),
    h("colgroup", {}, selection && column(40), columns.map((one) => column(one.grow ? null : one.width))),
    h("thead", {}, head),
    body,
  );
  table.style.minWidth = `${columns.reduce((sum, one) => sum + (one.width ?? 0), selection ? 40 : 0)}px`;
  const instead = h("div", { class: "instead", hidden: true });
  const element = h("div", { class: "table-place" }, h("div", { class: "scroll", role: "region", "aria-label": caption, tabindex: 0 }, table), instead);
  const scroll = element.firstChild;
  const all = selection && h("input", { type: "checkbox", "aria-label": "Select all rows on this page", onchange: () => {
    selection.change(rows.filter((row) => !selection.fault?.(row)), all.checked);
    draw(true);
  } });
  const heads = columns.map((one) => headOf(one, onsort));
  let rows = [];
  let shown = { from: 0, to: 0 };
  let lastPicked = null;

  head.append(...(selection ? [h("th", { class: "pick", scope: "col" }, all)] : []), ...heads.map((one) => one.element));

  const rowOf = (row, index) => {
    const cells = columns.map((one) => cellOf(one, row));
    if (!selection) return h("tr", { "aria-rowindex": index + 2 }, cells);
    const fault = selection.fault?.(row) ?? "";
    const box = h("input", {
      type: "checkbox", checked: selection.has(row), disabled: fault !== "", title: fault || null,
      "aria-label": `Select ${key(row)}`,
      onclick: (event) => {
        const from = event.shiftKey && lastPicked !== null ? Math.min(lastPicked, index) : index;
        const to = event.shiftKey && lastPicked !== null ? Math.max(lastPicked, index) : index;
        selection.change(rows.slice(from, to + 1).filter((one) => !selection.fault?.(one)), box.checked);
        lastPicked = index;
        draw(true, index);
      },
    });
    return h("tr", { "aria-rowindex": index + 2, class: selection.has(row) ? "picked" : null }, h("td", { class: "pick" }, box), cells);
  };

  function draw(again = false, focusRow = null) {
    const wanted = rows.length <= ALL
      ? { from: 0, to: rows.length }
      : visible({ total: rows.length, top: scroll.scrollTop, height: scroll.clientHeight || 600, rowHeight });
    if (!again && wanted.from === shown.from && wanted.to === shown.to) return;
    const held = focusRow === null ? placeOf(document.activeElement) : { index: focusRow, column: 0 };
    shown = wanted;
    fill(
      body,
      gap(wanted.from),
      rows.slice(wanted.from, wanted.to).map((row, at) => rowOf(row, wanted.from + at)),
      gap(rows.length - wanted.to),
    );
    if (held) focusAt(held.index, held.column);
    if (all) showAll();
  }

  function gap(count) {
    if (count <= 0) return null;
    const row = h("tr", { class: "gap", "aria-hidden": "true" }, h("td", { colspan: columns.length + (selection ? 1 : 0) }));
    row.style.height = `${count * rowHeight}px`;
    return row;
  }

  function showAll() {
    const pickable = rows.filter((row) => !selection.fault?.(row));
    const picked = pickable.filter((row) => selection.has(row)).length;
    all.checked = picked > 0 && picked === pickable.length;
    all.indeterminate = picked > 0 && picked < pickable.length;
    all.disabled = pickable.length === 0;
  }

  /** Row and column of a control in the body, or null. */
  function placeOf(control) {
    const cell = control?.closest?.("td");
    if (!cell || !body.contains(cell)) return null;
    return { index: Number(cell.parentElement.getAttribute("aria-rowindex")) - 2, column: cell.cellIndex };
  }

  function focusAt(index, column) {
    const row = [...body.rows].find((one) => one.getAttribute("aria-rowindex") === String(index + 2));
    row?.cells[column]?.querySelector("input, a, button")?.focus({ preventScroll: true });
  }

  function reveal(index) {
    const top = index * rowHeight;
    const headHeight = head.offsetHeight;
    if (top < scroll.scrollTop) scroll.scrollTop = top;
    else if (top + rowHeight > scroll.scrollTop + scroll.clientHeight - headHeight) {
      scroll.scrollTop = top + rowHeight - scroll.clientHeight + headHeight;
    }
  }

  body.addEventListener("keydown", (event) => {
    const page = Math.max(Math.floor(scroll.clientHeight / rowHeight) - 2, 1);
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page }[event.key];
    const place = placeOf(event.target);
    if (!step || !place) return;
    event.preventDefault();
    const index = Math.min(Math.max(place.index + step, 0), rows.length - 1);
    reveal(index);
    draw();
    focusAt(index, place.column);
  });
  let waiting = false;
  scroll.addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      draw();
    });
  }, { passive: true });
  new ResizeObserver(() => draw()).observe(scroll);

  return {
    element,
    /** Shows these rows; `keepPlace` leaves the view where it is. */
    setRows(given, { keepPlace = false } = {}) {
      rows = given;
      lastPicked = null;
      table.setAttribute("aria-rowcount", String(rows.length + 1));
      scroll.hidden = rows.length === 0;
      instead.hidden = rows.length > 0;
      if (rows.length === 0) fill(instead, empty?.());
      if (!keepPlace) scroll.scrollTop = 0;
      draw(true);
    },
    /** Shows something else in the place of rows: an error, for example. */
    setInstead(node) {
      rows = [];
      body.replaceChildren();
      scroll.hidden = true;
      instead.hidden = false;
      fill(instead, node);
    },
    /** Says that the rows are about to change. */
    setBusy(busy) {
      element.setAttribute("aria-busy", String(busy));
      element.classList.toggle("busy", busy);
    },
    /** Marks the column that the rows are sorted by. */
    setSort(sort, direction) {
      for (const one of heads) one.mark(sort, direction);
    },
    /** Draws the rows again: the selection changed elsewhere. */
    refresh: () => draw(true),
  };
}

function column(width) {
  const element = h("col");
  if (width) element.style.width = `${width}px`;
  return element;
}

function cellOf(column, row) {
  const content = column.cell(row);
  const plain = typeof content === "string" || typeof content === "number";
  return h("td", { class: column.number ? "number" : null, title: plain ? String(content) : null }, h("div", { class: "cell" }, content));
}

function headOf(column, onsort) {
  const arrow = h("span", { class: "arrow", "aria-hidden": "true" });
  let direction = null;
  const label = column.sort && onsort
    ? h("button", { type: "button", class: "sort", onclick: () => onsort(column.sort, direction === "asc" ? "desc" : "asc") }, column.label, arrow)
    : column.label;
  const element = h("th", { scope: "col", class: column.number ? "number" : null }, label);
  return {
    element,
    mark(sort, to) {
      direction = column.sort && column.sort === sort ? to : null;
      if (direction) element.setAttribute("aria-sort", direction === "asc" ? "ascending" : "descending");
      else element.removeAttribute("aria-sort");
      arrow.textContent = { asc: "▲", desc: "▼" }[direction] ?? "";
    },
  };
}
