/**
 * Files for a person: saving what was fetched, tables as CSV, and the clipboard.
 */
import { h } from "./dom.js";

/** Has the browser save a file. */
export function save(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = h("a", { href: url, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  // Some browsers read it a moment after the click.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** One cell (RFC 4180); what a spreadsheet would take for a formula gets an apostrophe. Pure. */
export function cell(value) {
  const text = String(value ?? "");
  const harmless = /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** Rows of cells as CSV. Pure. */
export function csv(rows) {
  return rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

/** Saves rows as a CSV file that spreadsheets read as UTF-8. */
export function saveCsv(rows, name) {
  save(new Blob(["\ufeff", csv(rows)], { type: "text/csv;charset=utf-8" }), name);
}

/** Copies a text; false when the browser does not let us. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
