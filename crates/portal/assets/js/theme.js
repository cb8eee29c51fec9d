/**
 * Light and dark: the system's choice, until a person makes one. The choice is kept for all pages and tabs.
 */
import { h } from "./dom.js";

const KEY = "m2m.theme";
const dark = matchMedia("(prefers-color-scheme: dark)");

function current() {
  return document.documentElement.dataset.theme ?? (dark.matches ? "dark" : "light");
}

/** The button that changes it. */
export function themeButton() {
  const button = h("button", { type: "button", class: "quiet" });
  const show = () => {
    const other = current() === "dark" ? "light" : "dark";
    button.textContent = current() === "dark" ? "☀" : "☾";
    button.setAttribute("aria-label", `Use the ${other} theme`);
    button.title = `Use the ${other} theme`;
  };
  button.addEventListener("click", () => {
    const other = current() === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = other;
    try {
      localStorage.setItem(KEY, other);
    } catch {
      // It holds for this page then.
    }
    show();
  });
  dark.addEventListener("change", show);
  addEventListener("storage", (event) => {
    if (event.key !== KEY || !["light", "dark"].includes(event.newValue)) return;
    document.documentElement.dataset.theme = event.newValue;
    show();
  });
  show();
  return button;
}
