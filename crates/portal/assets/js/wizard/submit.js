/**
 * Step 5 of the wizard: what will be done, and the submit. It goes out with the one `Idempotency-Key` of this run: however often
 * it is pressed, and whatever happens to the connection, it is recorded once. Until its end is known, it is what was sent
 * (sent.js) that is shown here and sent again.
 */
import { post } from "../api.js";
import { fill, h } from "../dom.js";
import { count, date, number } from "../format.js";
import { problemBox, toast } from "../notice.js";
import { discard } from "./draft.js";
import { estimate } from "./outcome.js";
import { KEY_REUSED, stillOpen, toSend } from "./sent.js";

/** Answers `{element, show()}`. */
export function submitStep(run) {
  const place = h("div");
  const button = h("button", { type: "button", class: "primary big", onclick: submit });
  const summary = h("div");
  const element = h("div", { class: "stack" }, summary, place, h("div", {}, button));
  /** The key of the submit that is under way, or null. */
  let underWay = null;

  function show() {
    const { draft } = run;
    fill(summary, summaryOf(run, run.preview()));
    showButton();
    if (underWay === draft.key) return;
    fill(place, draft.sent !== null && h("div", { class: "problem calm", role: "status" },
      h("p", { class: "problem-title" }, "This was sent before, and no answer came"),
      h("p", {}, "Submit it again: it is recorded once, whether the first one arrived or not. To assign anything else, begin anew.")));
  }

  function showButton() {
    const { draft } = run;
    const accepted = run.preview()?.accepted ?? 0;
    button.disabled = underWay === draft.key || (draft.sent === null && accepted === 0);
    if (underWay !== draft.key) button.textContent = draft.sent === null ? `Assign ${count(accepted, "device")}` : "Submit again";
  }

  async function submit() {
    const { draft } = run;
    const before = draft.sent;
    const sending = toSend(draft, run.preview() ? run.request() : null);
    if (sending === null || underWay === draft.key) return;
    underWay = sending.key;
    // Kept before it goes out: a page that is closed now must find it again.
    run.change({ sent: sending });
    showButton();
    run.showSteps();
    fill(place, h("p", { class: "waiting", role: "status" }, "Submitting …"));
    /** Whether nobody began anew in the meantime. */
    const ours = () => run.draft.key === sending.key;
    try {
      const answer = await post("/M2M/AssociateCustomer", sending.body, {
        headers: { "idempotency-key": sending.key },
        onWait: (seconds) => ours() && fill(place, h("p", { class: "waiting", role: "status" }, `The server is busy. Trying again in ${seconds} s …`)),
      });
      run.done(sending.body.devices);
      if (!ours()) {
        toast(`What was sent before is recorded as bulk change ${answer.changeId}.`);
        return;
      }
      discard();
      location.assign(`/M2M/BulkChanges?id=${answer.changeId}`);
    } catch (error) {
      if (!ours()) return;
      underWay = null;
      run.change({ sent: stillOpen(before, sending, error) });
      showButton();
      run.showSteps();
      fill(place, problemBox(error), after(error));
    }
  }

  function after(error) {
    if (error.type === KEY_REUSED) {
      return h("p", {}, "This run was submitted before, with other content. ", h("a", { href: "/M2M/BulkChanges?mine=true" }, "Look at your bulk changes"),
        ", or ", h("button", { type: "button", class: "link", onclick: run.restart }, "begin a new assignment"), ".");
    }
    return run.draft.sent !== null && h("p", {}, "It may have been recorded. Submit it again: it is recorded once, either way.");
  }

  return { element, show, faults() {} };
}

function summaryOf(run, preview) {
  const { draft } = run;
  const devices = draft.sent?.body.devices.length ?? run.devices().iccids.length;
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
    preview && line("Time", estimate(preview)),
    draft.sent && line("ICCIDs sent", h("details", {}, h("summary", {}, "Show"), h("p", { class: "mono" }, draft.sent.body.devices.join(", ")))));
}
