/**
 * Pieces of forms. Each piece is `{element, value, …}`; its label, hint and error are tied to the control, so that screen readers
 * tell them with it.
 */
import { fill, h, set, uniqueId } from "./dom.js";

/**
 * A control with its label. `control` is an input, select or textarea. Answers `{element, control, fault(text)}`; an empty text
 * takes the fault away.
 */
export function field({ label, hint, control, class: kind = "", hiddenLabel = false }) {
  control.id ||= uniqueId("field");
  const hintId = `${control.id}-hint`;
  const faultId = `${control.id}-fault`;
  const fault = h("p", { class: "fault", id: faultId, hidden: true });
  const describe = (faulty) => {
    const ids = [hint && hintId, faulty && faultId].filter(Boolean).join(" ");
    set(control, { "aria-describedby": ids || null, "aria-invalid": faulty ? "true" : null });
  };
  describe(false);
  const element = h(
    "div",
    { class: `field ${kind}` },
    h("label", { for: control.id, class: hiddenLabel ? "unseen" : "" }, label),
    control,
    hint && h("p", { class: "hint", id: hintId }, hint),
    fault,
  );
  return {
    element,
    control,
    fault(text) {
      fill(fault, text);
      fault.hidden = text === "";
      describe(text !== "");
    },
  };
}

/** An input; properties as for `h`. */
export function input(properties) {
  return h("input", { type: "text", autocomplete: "off", spellcheck: "false", ...properties });
}

/** Choices of a select: `[{value, label}]`, shown in this order. Keeps what is chosen when it is still there. */
export function choices(select, options) {
  const chosen = select.value;
  fill(select, options.map(({ value, label }) => h("option", { value }, label)));
  if (options.some((option) => String(option.value) === chosen)) select.value = chosen;
  return select;
}

/** A checkbox with its label behind it. */
export function checkbox({ label, hint, checked = false, onchange }) {
  const control = h("input", { type: "checkbox", id: uniqueId("check"), checked, onchange });
  const hintId = `${control.id}-hint`;
  if (hint) control.setAttribute("aria-describedby", hintId);
  const element = h(
    "div",
    { class: "check" },
    control,
    h("label", { for: control.id }, label),
    hint && h("p", { class: "hint", id: hintId }, hint),
  );
  return { element, control };
}

/** Radio buttons: `options` is `[{value, label, hint}]`. Answers `{element, value(), choose(value)}`. */
export function radios({ legend, options, value, onchange }) {
  const name = uniqueId("radio");
  const controls = options.map((option) =>
    h("input", { type: "radio", name, id: uniqueId("radio"), value: option.value, checked: option.value === value, onchange }));
  const element = h(
    "fieldset",
    { class: "radios" },
    h("legend", {}, legend),
    options.map((option, at) =>
      h("div", { class: "check" }, controls[at], h("label", { for: controls[at].id }, option.label), option.hint && h("p", { class: "hint" }, option.hint))),
  );
  return {
    element,
    controls,
    value: () => controls.find((control) => control.checked)?.value ?? null,
    choose(wanted) {
      for (const control of controls) control.checked = control.value === wanted;
    },
  };
}
