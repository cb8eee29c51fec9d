/**
 * Step 1 of the wizard: which devices.
 */
import { fill, h, whenQuiet } from "../dom.js";
import { choices, field, radios } from "../form.js";
import { count, number } from "../format.js";
import { findings } from "../inventory/pasted.js";

/** Answers `{element, show(), faults(faults)}`. `run` is the wizard's (pages/associate_customer.js). */
export function devicesStep(run) {
  const source = radios({
    legend: "Which devices?",
    value: run.draft.source,
    options: [
      { value: "selection", label: `Those selected in the inventory (${number(run.selection.size)})` },
      { value: "pasted", label: "A pasted list of ICCIDs" },
    ],
    onchange: () => change({ source: source.value() }),
  });
  const provider = field({
    label: "Service provider",
    hint: "All devices of one request belong to one carrier account.",
    control: h("select", { onchange: () => change({ serviceProviderId: provider.control.value }) }),
  });
  const text = h("textarea", { rows: 12, placeholder: "8900011…\n8900011…" });
  const list = field({ label: "ICCIDs", hint: "One a line, or separated by commas or blanks. At most 10,000.", control: text });
  text.addEventListener("input", whenQuiet(200, () => change({ pasted: text.value })));
  text.addEventListener("change", () => change({ pasted: text.value }));
  const found = h("div", { class: "findings", role: "status" });
  const fault = h("p", { class: "bad", role: "alert", hidden: true });
  const element = h("div", { class: "stack" }, source.element, h("div", { class: "fields" }, provider.element), list.element, found, fault);

  function change(changes) {
    run.change(changes);
    show();
  }

  /** The provider of most of the selected devices, when none was chosen. */
  function propose() {
    const { draft } = run;
    if (draft.serviceProviderId !== "") return;
    const counts = new Map();
    if (draft.source === "selection") for (const [, of] of run.selection.entries()) counts.set(of, (counts.get(of) ?? 0) + 1);
    const [most] = [...counts].sort((a, b) => b[1] - a[1]);
    const only = run.providers.length === 1 ? run.providers[0].id : null;
    if (most?.[0] ?? only) run.change({ serviceProviderId: String(most?.[0] ?? only) });
  }

  function show() {
    propose();
    const { draft } = run;
    choices(provider.control, [{ value: "", label: "Choose …" }, ...run.providers.map(({ id, name }) => ({ value: id, label: name }))]);
    provider.control.value = draft.serviceProviderId;
    source.choose(draft.source);
    list.element.hidden = draft.source !== "pasted";
    if (text.value !== draft.pasted && document.activeElement !== text) text.value = draft.pasted;
    const { iccids, others, list: read } = run.devices();
    if (draft.source === "pasted") {
      fill(found, findings(read));
      return;
    }
    fill(found,
      h("p", {}, h("strong", {}, count(iccids.length, "device")), others.length === 0 ? " selected" : " of this provider selected"),
      others.length > 0 && h("p", { class: "warn-text" }, `${number(others.length)} of other providers ${others.length === 1 ? "is" : "are"} left out. They stay selected, for a request of their own.`),
      h("p", {}, h("a", { href: "/M2M/Index" }, iccids.length === 0 ? "Select devices in the inventory" : "Change the selection")));
  }

  return {
    element,
    show,
    faults(faults) {
      provider.fault(faults.serviceProviderId ?? "");
      fill(fault, faults.devices ?? "");
      fault.hidden = !faults.devices;
    },
  };
}
