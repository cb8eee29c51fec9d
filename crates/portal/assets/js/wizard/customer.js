/**
 * Step 2 of the wizard: which customer.
 */
import { combobox } from "../combobox.js";
import { fill, h } from "../dom.js";
import { NOTHING } from "../format.js";
import { findCustomers } from "../inventory/customers.js";

/** Answers `{element, show(), faults(faults)}`. */
export function customerStep(run) {
  const search = combobox({
    label: "Customer",
    hint: "Search by name or account number.",
    placeholder: "Type a name or a number",
    find: findCustomers,
    nothing: "No customer of yours fits",
    onpick: (customer) => change(customer),
    onclear: () => change(null),
  });
  const card = h("div");
  const element = h("div", { class: "stack" }, h("div", { class: "narrow" }, search.element), card);

  function change(customer) {
    // Plans belong to the customer; those of another one are none.
    run.change({ customer, customerRatePlan: "", customerRatePool: "" });
    search.fault("");
    showCard();
  }

  function showCard() {
    const { customer } = run.draft;
    if (customer === null) return fill(card);
    const sites = customer.sites.map(({ name }) => name);
    fill(card, h("dl", { class: "facts" },
      fact("Name", customer.name),
      fact("Account number", customer.revCustomerId),
      fact("Billing account", customer.integrationAuthenticationId ?? NOTHING),
      fact("Bill period ends", customer.billPeriodEndDay === null ? NOTHING : `day ${customer.billPeriodEndDay}, ${customer.billPeriodEndHour ?? 0} h`),
      fact(sites.length === 1 ? "Site" : "Sites", sites.length === 0 ? NOTHING : sites.slice(0, 5).join("; ") + (sites.length > 5 ? " …" : ""))),
    customer.active === false && h("p", { class: "bad" }, "This customer is not active: the check will refuse it."));
  }

  return {
    element,
    show() {
      const { customer } = run.draft;
      if (customer) search.show(`${customer.name} (${customer.revCustomerId})`);
      else search.clear();
      showCard();
    },
    faults: (faults) => search.fault(faults.customer ?? ""),
  };
}

function fact(name, value) {
  return h("div", {}, h("dt", {}, name), h("dd", {}, String(value)));
}
