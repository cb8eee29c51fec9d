/**
 * Step 3 of the wizard: what is done with the devices beside changing their customer, and from when.
 */
import { get, wasAborted } from "../api.js";
import { h } from "../dom.js";
import { checkbox, choices, field, input, radios } from "../form.js";
import { problemPlace } from "../notice.js";
import { serviceOptions } from "./service.js";

/** Answers `{element, show(), faults(faults)}`. */
export function optionsStep(run) {
  const trouble = problemPlace();
  const service = serviceOptions(run);
  let loaded = "";
  let loading = new AbortController();

  const select = (name, label, hint) => field({ label, hint, control: h("select", { onchange: (event) => run.change({ [name]: event.target.value }) }) });
  const typed = (name, label, hint, properties = {}) =>
    field({ label, hint, control: input({ ...properties, oninput: (event) => run.change({ [name]: event.target.value }) }) });

  const customerRatePlan = select("customerRatePlan", "Customer rate plan");
  const customerRatePool = select("customerRatePool", "Rate pool", "Optional");
  const dataMb = typed("dataMb", "Data, MB", "The plan's own when empty", { inputmode: "decimal" });
  const customerPlan = section({
    label: "Set a customer rate plan",
    name: "customerPlan",
    body: h("div", { class: "fields" }, customerRatePlan.element, customerRatePool.element, dataMb.element),
  });

  const carrierRatePlan = select("carrierRatePlan", "Carrier rate plan");
  const commPlan = typed("commPlan", "Communication plan", "Optional", { maxlength: 255 });
  const carrierPlan = section({
    label: "Change the carrier rate plan",
    hint: "Follows as a bulk change of its own.",
    name: "carrierPlan",
    body: h("div", { class: "fields" }, carrierRatePlan.element, commPlan.element),
  });

  const effectiveDate = typed("effectiveDate", "Day", "", { type: "date" });
  const effective = radios({
    legend: "From when?",
    value: run.draft.effective,
    options: [
      { value: "today", label: "Today", hint: "The day of the submit, in UTC" },
      { value: "on", label: "A certain day" },
      { value: "carrier", label: "Each device's activation day at the carrier", hint: "A device without one is refused" },
    ],
    onchange: () => {
      run.change({ effective: effective.value() });
      showParts();
    },
  });
  const element = h("div", { class: "stack" }, trouble.element, service.element, customerPlan.element, carrierPlan.element,
    h("div", { class: "option" }, effective.element, h("div", { class: "fields inner" }, effectiveDate.element)));

  function section({ label, hint, name, body }) {
    const box = checkbox({ label, hint, checked: run.draft[name], onchange: () => {
      run.change({ [name]: box.control.checked });
      showParts();
    } });
    const inner = h("div", { class: "inner" }, body);
    return { element: h("div", { class: "option" }, box.element, inner), box, inner };
  }

  function showParts() {
    const { draft } = run;
    for (const [name, part] of Object.entries({ customerPlan, carrierPlan })) {
      part.box.control.checked = draft[name];
      part.inner.hidden = !draft[name];
    }
    effective.choose(draft.effective);
    effectiveDate.element.hidden = draft.effective !== "on";
  }

  async function loadPlans() {
    const { customer, serviceProviderId } = run.draft;
    const wanted = `${customer.revCustomerId} ${customer.integrationAuthenticationId} ${serviceProviderId}`;
    if (wanted === loaded) return;
    loading.abort();
    loading = new AbortController();
    try {
      const plans = await get(`/api/rate-plans/customer/${encodeURIComponent(customer.revCustomerId)}`, {
        signal: loading.signal,
        query: { serviceProviderId, integrationAuthenticationId: customer.integrationAuthenticationId },
      });
      trouble.clear();
      loaded = wanted;
      offer(plans);
    } catch (error) {
      if (!wasAborted(error)) trouble.show(error, loadPlans);
    }
  }

  function offer({ customerRatePlans, carrierRatePlans, customerRatePools }) {
    const { draft } = run;
    const none = (list) => ({ value: "", label: list.length === 0 ? "None for this customer and provider" : "Choose …" });
    choices(customerRatePlan.control, [none(customerRatePlans), ...customerRatePlans.map(({ id, name, planMb }) =>
      ({ value: id, label: planMb === null ? name : `${name} (${planMb} MB)` }))]);
    choices(customerRatePool.control, [{ value: "", label: "None" }, ...customerRatePools.map(({ id, name }) => ({ value: id, label: name }))]);
    choices(carrierRatePlan.control, [none(carrierRatePlans), ...carrierRatePlans.map(({ code, name }) => ({ value: code, label: name === code ? code : `${name} (${code})` }))]);
    for (const [name, one] of Object.entries({ customerRatePlan, customerRatePool, carrierRatePlan })) {
      one.control.value = draft[name];
      // A choice that is not offered any more is no choice.
      if (one.control.value !== draft[name]) {
        one.control.value = "";
        run.change({ [name]: "" });
      }
    }
  }

  return {
    element,
    show() {
      const { draft } = run;
      commPlan.control.value = draft.commPlan;
      dataMb.control.value = draft.dataMb;
      effectiveDate.control.value = draft.effectiveDate;
      service.show();
      showParts();
      loadPlans();
    },
    faults(faults) {
      service.faults(faults);
      for (const [name, one] of Object.entries({ customerRatePlan, dataMb, carrierRatePlan, effectiveDate })) one.fault(faults[name] ?? "");
    },
  };
}
