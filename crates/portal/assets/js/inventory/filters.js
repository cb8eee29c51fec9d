/**
 * The filters above the inventory. `onchange(changes)` gets the filters that changed.
 */
import { combobox } from "../combobox.js";
import { fill, h, whenQuiet } from "../dom.js";
import { choices, field, input } from "../form.js";
import { customerOf, findCustomers } from "./customers.js";
import { active } from "./state.js";

/** Milliseconds without typing before a search begins. */
const QUIET = 300;
/** The longest text that the API searches for. */
const LONGEST = 100;
const ANY = { value: "", label: "Any" };

/** Answers `{element, show(state), offer(facets)}`. */
export function filters({ onchange }) {
  const names = {};
  const select = (name, label) => {
    const control = h("select", { onchange: () => onchange({ [name]: control.value }) });
    return field({ label, control: choices(control, [ANY]) });
  };
  const search = input({ type: "search", maxlength: LONGEST, placeholder: "ICCID, MSISDN, IMEI, EID, customer" });
  const typed = whenQuiet(QUIET, () => onchange({ filter: search.value.trim() }));
  search.addEventListener("input", typed);
  search.addEventListener("keydown", (event) => event.key === "Enter" && typed.now());

  const provider = select("serviceProviderId", "Provider");
  const status = select("status", "Status");
  const assigned = select("assigned", "Assigned");
  choices(assigned.control, [ANY, { value: "true", label: "Assigned" }, { value: "false", label: "Not assigned" }]);
  const carrier = select("carrierRatePlan", "Carrier plan");
  const plan = select("customerRatePlanId", "Customer plan");
  const archived = select("archived", "Archived");
  choices(archived.control, [{ value: "", label: "Left out" }, { value: "true", label: "Only archived" }]);
  const customer = combobox({
    label: "Customer",
    placeholder: "Any",
    find: findCustomers,
    nothing: "No customer found",
    onpick: (one) => onchange({ revCustomerId: one.revCustomerId }),
    onclear: () => onchange({ revCustomerId: "" }),
  });

  const chips = h("div", { class: "chips" });
  const summary = h("summary", {}, "Filters");
  const more = h("details", { class: "more", open: !matchMedia("(max-width: 720px)").matches }, summary,
    h("div", { class: "fields" }, provider.element, status.element, customer.element, assigned.element, carrier.element, plan.element, archived.element));
  const element = h("section", { class: "filters", "aria-label": "Filters" },
    field({ label: "Search", control: search, class: "search" }).element, more, chips);
  const selects = { serviceProviderId: provider, status, assigned, carrierRatePlan: carrier, customerRatePlanId: plan, archived };

  const named = (name, control) => (value) => [...control.options].find((option) => option.value === value)?.label;
  for (const [name, one] of Object.entries(selects)) names[name] = named(name, one.control);

  /** A value that no facet offers (yet) is offered all the same, so that a filter that counts is always seen. */
  function put(control, value) {
    if (value !== "" && ![...control.options].some((option) => option.value === value)) control.append(h("option", { value }, value));
    control.value = value;
  }

  let shownCustomer = "";
  async function showCustomer(id) {
    if (id === shownCustomer) return;
    shownCustomer = id;
    if (id === "") return customer.clear();
    if (customer.control.value.includes(`(${id})`)) return;
    customer.show(id);
    const found = await customerOf(id).catch(() => null);
    if (found && shownCustomer === id) customer.show(`${found.name} (${id})`);
  }

  return {
    element,
    /** Shows what is filtered by. */
    show(state) {
      if (document.activeElement !== search) search.value = state.filter;
      for (const [name, one] of Object.entries(selects)) put(one.control, state[name]);
      showCustomer(state.revCustomerId);
      const set = active(state, names);
      fill(summary, set.length === 0 ? "Filters" : `Filters (${set.length})`);
      fill(chips,
        set.map(({ name, label, value }) =>
          h("button", { type: "button", class: "chip", "aria-label": `Remove filter ${label}: ${value}`, onclick: () => {
            if (name === "filter") search.value = "";
            onchange({ [name]: "" });
          } }, `${label}: ${value} ✕`)),
        set.length > 1 && h("button", { type: "button", class: "link small", onclick: () => {
          search.value = "";
          onchange(Object.fromEntries(set.map(({ name }) => [name, ""])));
        } }, "Remove all"));
    },
    /** Offers what there is to filter by. */
    offer(facets, state) {
      choices(provider.control, [ANY, ...facets.serviceProviders.map(({ id, name }) => ({ value: id, label: name }))]);
      choices(status.control, [ANY, ...facets.statuses.map((name) => ({ value: name, label: name }))]);
      choices(carrier.control, [ANY, ...facets.carrierRatePlans.map((code) => ({ value: code, label: code }))]);
      choices(plan.control, [ANY, ...facets.customerRatePlans.map(({ id, name }) => ({ value: id, label: name }))]);
      this.show(state);
    },
  };
}
