/**
 * Step 5 of the wizard: what will be done, and the submit. It goes out with the one `Idempotency-Key` of this run: however often
 * it is pressed, and whatever happens to the connection, it is recorded once.
 */
import { post } from "../api.js";
import { fill, h } from "../dom.js";
import { count, date, number } from "../format.js";
import { problemBox } from "../notice.js";
import { discard } from "./draft.js";
import { estimate } from "./outcome.js";

const KEY_REUSED = "/problems/idempotency-key-reused";
/** Answers of the server that mean that nothing was written; any other failure of it may come after the write. */
const NOTHING_WRITTEN = ["/problems/database-unavailable", "/problems/too-busy", "/problems/sign-in-unavailable"];

/** Whether a submit that failed like this may have been recorded all the same. Pure. */
export function mayBeRecorded(problem) {
  const byServer = problem.status >= 500 && !NOTHING_WRITTEN.includes(problem.type);
  return ["network", "timeout", "unreadable"].includes(problem.kind) || byServer || problem.status === 409;
}

/** Answers `{element, show()}`. */
export function submitStep(run) {
  const place = h("div");
  const button = h("button", { type: "button", class: "primary big", onclick: submit });
  const summary = h("div");
  const element = h("div", { class: "stack" }, summary, place, h("div", {}, button));

  function show() {
    const { draft } = run;
    const preview = run.preview();
    fill(summary, summaryOf(run, preview));
    const accepted = preview?.accepted ?? 0;
    button.textContent = preview ? `Assign ${count(accepted, "device")}` : "Submit again";
    button.disabled = preview ? accepted === 0 : draft.submitted !== "sent";
    if (draft.submitted === "sent") {
      fill(place, h("div", { class: "problem calm", role: "status" },
        h("p", { class: "problem-title" }, "This was sent before, and no answer came"),
        h("p", {}, "Submit it again: it is recorded once, whether the first one arrived or not.")));
    }
  }

  async function submit() {
    if (button.disabled) return;
    button.disabled = true;
    const request = run.request();
    run.change({ submitted: "sent" });
    fill(place, h("p", { class: "waiting", role: "status" }, "Submitting …"));
    try {
      const answer = await post("/M2M/AssociateCustomer", request, {
        headers: { "idempotency-key": run.draft.key },
        onWait: (seconds) => fill(place, h("p", { class: "waiting", role: "status" }, `The server is busy. Trying again in ${seconds} s …`)),
      });
      run.done(request.devices);
      discard();
      location.assign(`/M2M/BulkChanges?id=${answer.changeId}`);
    } catch (error) {
      if (!mayBeRecorded(error)) run.change({ submitted: "no" });
      button.disabled = false;
      fill(place, problemBox(error), after(error));
    }
  }

  function after(error) {
    if (error.type === KEY_REUSED) {
      return h("p", {}, "This run was submitted before, with other content. ", h("a", { href: "/M2M/BulkChanges?mine=true" }, "Look at your bulk changes"),
        ", or ", h("button", { type: "button", class: "link", onclick: run.restart }, "begin a new assignment"), ".");
    }
    return mayBeRecorded(error) && h("p", {}, "It may have been recorded. Submit it again: it is recorded once, either way.");
  }

  return { element, show, faults() {} };
}

function summaryOf(run, preview) {
  const { draft } = run;
  const devices = run.devices().iccids.length;
  const line = (name, value) => value && h("div", {}, h("dt", {}, name), h("dd", {}, value));
  const billed = draft.billed === "package" ? `package ${draft.revPackageId}`
    : draft.products.map(({ productId, rate }) => `product ${productId} at ${rate}`).join(", ");
  const from = { today: "Today", on: date(draft.effectiveDate), carrier: "Each device's activation day" }[draft.effective];
  return h("dl", { class: "facts wide" },
    line("Devices", preview ? `${number(preview.accepted)} of ${number(devices)}; ${number(preview.rejected.length)} rejected` : number(devices)),
    line("Customer", `${draft.customer.name} (${draft.customer.revCustomerId})`),
    line("Service line", draft.service ? `Yes: service type ${draft.serviceTypeId}, provider ${draft.providerId}, ${billed}${draft.prorate ? ", first month in part" : ""}` : "No"),
    line("Customer rate plan", draft.customerPlan ? `${preview?.customerRatePlan?.name ?? draft.customerRatePlan}` : "As it is"),
    line("Carrier rate plan", draft.carrierPlan ? draft.carrierRatePlan : "As it is"),
    line("From", from),
    preview && line("Time", estimate(preview)));
}
