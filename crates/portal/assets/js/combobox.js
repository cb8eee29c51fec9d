/**
 * A text field that finds things while one types (ARIA Authoring Practices, combobox with list autocomplete).
 * Up and Down move, Enter takes, Escape closes. `find(text, signal)` answers `[{label, detail, value}]`.
 */
import { wasAborted } from "./api.js";
import { fill, h, set, uniqueId, whenQuiet } from "./dom.js";
import { field } from "./form.js";
import { told } from "./notice.js";

/** Milliseconds of quiet before it searches. */
const QUIET = 200;

/** Answers `{element, control, fault, clear(), show(label)}`; `onpick` gets what was picked, `onclear` hears that nothing is. */
export function combobox({ label, hint, placeholder, find, onpick, onclear, class: kind, nothing = "Nothing found" }) {
  const listId = uniqueId("list");
  const control = h("input", {
    type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", placeholder,
    "aria-expanded": "false", "aria-controls": listId, "aria-autocomplete": "list",
  });
  const list = h("ul", { id: listId, class: "options", role: "listbox", "aria-label": label, hidden: true });
  const state = h("p", { class: "options-state", role: "status", hidden: true });
  const around = field({ label, hint, control, class: `combobox ${kind ?? ""}` });
  control.after(list, state);
  let found = [];
  let active = -1;
  let running = null;
  let picked = "";

  const open = (on) => {
    list.hidden = !on || found.length === 0;
    state.hidden = !on || state.textContent === "";
    set(control, { "aria-expanded": String(!list.hidden), "aria-activedescendant": null });
    active = -1;
  };
  const point = (at) => {
    active = at;
    for (const [index, option] of [...list.children].entries()) option.setAttribute("aria-selected", String(index === at));
    set(control, { "aria-activedescendant": at < 0 ? null : list.children[at].id });
    list.children[at]?.scrollIntoView({ block: "nearest" });
  };
  const pick = (option) => {
    picked = option.label;
    control.value = option.label;
    open(false);
    onpick(option.value);
  };
  const show = (options, words) => {
    found = options;
    fill(state, words);
    fill(list, options.map((option) =>
      h("li", { role: "option", id: uniqueId("option"), "aria-selected": "false", onmousedown: (event) => {
        event.preventDefault();
        pick(option);
      } }, h("span", {}, option.label), option.detail && h("span", { class: "muted small" }, option.detail))));
    open(document.activeElement === control);
  };
  const search = whenQuiet(QUIET, async () => {
    running?.abort();
    running = new AbortController();
    try {
      const options = await find(control.value.trim(), running.signal);
      show(options, options.length === 0 ? nothing : "");
    } catch (error) {
      if (!wasAborted(error)) show([], `${told(error).title}. ${told(error).detail}`);
    }
  });

  control.addEventListener("input", () => {
    if (picked !== "" && control.value !== picked) {
      picked = "";
      onclear?.();
    }
    search();
  });
  control.addEventListener("focus", () => {
    if (picked === "") search.now();
  });
  control.addEventListener("blur", () => open(false));
  control.addEventListener("keydown", (event) => {
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps && found.length > 0) {
      event.preventDefault();
      if (list.hidden) open(true);
      point((active + steps[event.key] + found.length) % found.length);
    } else if (event.key === "ArrowDown") {
      search.now();
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      pick(found[active]);
    } else if (event.key === "Escape" && control.getAttribute("aria-expanded") === "true") {
      event.preventDefault();
      open(false);
    }
  });

  return {
    ...around,
    clear() {
      picked = "";
      control.value = "";
    },
    show(text) {
      picked = text;
      control.value = text;
    },
  };
}
