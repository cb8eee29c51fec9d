/**
 * Tells people what happened: a toast for what went well, a banner for what concerns the whole page, a box where an error belongs,
 * and what stands where there is nothing to show.
 */
import { Problem } from "./api.js";
import { fill, h } from "./dom.js";

/** How long a toast stays, in milliseconds. */
const TOAST = 6_000;

/** A short word at the edge, read out by screen readers. */
export function toast(text) {
  const element = h("div", { class: "toast" }, text);
  document.getElementById("toasts").append(element);
  setTimeout(() => element.remove(), TOAST);
}

/**
 * A line across the page. One of the same `name` replaces the one before; `action` is `{label, run}` or `{label, href}`.
 */
export function banner({ name, kind = "info", text, action }) {
  takeBanner(name);
  const button = action?.href
    ? h("a", { class: "button", href: action.href }, action.label)
    : action && h("button", { type: "button", onclick: action.run }, action.label);
  const element = h("div", { class: `banner ${kind}`, role: kind === "info" ? "status" : "alert", data: { name } }, h("p", {}, text), button);
  document.getElementById("banners").append(element);
  return element;
}

/** Takes a banner away. */
export function takeBanner(name) {
  document.querySelector(`.banner[data-name="${CSS.escape(name)}"]`)?.remove();
}

/** What a person reads of an error: `{title, detail, errors, requestId}`. Pure. */
export function told(error) {
  if (!(error instanceof Problem)) {
    return { title: "Something in this page failed", detail: String(error?.message ?? error), errors: [], requestId: "" };
  }
  return { title: error.title, detail: error.detail, errors: error.errors, requestId: error.requestId };
}

/** An error in words, where it belongs; `retry` adds a button. */
export function problemBox(error, retry) {
  if (!(error instanceof Problem)) console.error(error);
  const { title, detail, errors, requestId } = told(error);
  const retryable = retry && error.kind !== "signed-out";
  return h(
    "div",
    { class: "problem", role: "alert" },
    h("p", { class: "problem-title" }, title),
    detail && h("p", {}, detail),
    errors.length > 0 && h("ul", {}, errors.map((one) => h("li", {}, one.pointer && h("code", {}, one.pointer), " ", one.detail))),
    requestId && h("p", { class: "muted small" }, "Request ", h("code", {}, requestId)),
    retryable && h("p", {}, h("button", { type: "button", onclick: retry }, "Try again")),
  );
}

/** Stands where there is nothing to show: why, and what to do. */
export function emptyState({ title, text, action }) {
  return h("div", { class: "empty" }, h("p", { class: "empty-title" }, title), text && h("p", {}, text), action);
}

/** A place for an error: `.show(error, retry)`, `.clear()`. */
export function problemPlace() {
  const element = h("div", { class: "problem-place" });
  return {
    element,
    show: (error, retry) => fill(element, problemBox(error, retry)),
    clear: () => element.replaceChildren(),
  };
}
