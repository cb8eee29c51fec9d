/**
 * /M2M/AssociateCustomer: the wizard from devices to a submitted request, in five steps. Each keeps what is entered at once
 * (wizard/draft.js); steps 1 to 3 are checked here before the next one opens, step 4 asks the API, step 5 submits.
 */
import { get } from "../api.js";
import { openDialog } from "../dialog.js";
import { fill, h } from "../dom.js";
import { start } from "../frame.js";
import { problemBox } from "../notice.js";
import { Selection } from "../selection.js";
import { read, write } from "../store.js";
import { checkStep } from "../wizard/check.js";
import { customerStep } from "../wizard/customer.js";
import { devicesStep } from "../wizard/devices.js";
import { discard, fresh, keep, load } from "../wizard/draft.js";
import { optionsStep } from "../wizard/options.js";
import { devicesOf, faultsOf, firstFaulty, requestOf } from "../wizard/request.js";
import { submitStep } from "../wizard/submit.js";

const TITLES = ["Devices", "Customer", "Options", "Check", "Submit"];

/** Takes over what the inventory sent along, unless a submit without an answer is open. */
function begun(draft) {
  const from = read("wizard.start");
  const pasted = read("wizard.pasted");
  write("wizard.start", null);
  write("wizard.pasted", null);
  if (from === null || draft.submitted === "sent") return draft;
  return { ...draft, step: 1, source: from, pasted: from === "pasted" ? pasted ?? "" : draft.pasted, serviceProviderId: "" };
}

async function build(main) {
  const selection = new Selection();
  let draft = begun(load());
  let known = null;
  const run = {
    get draft() {
      return draft;
    },
    selection,
    providers: [],
    change(changes) {
      draft = { ...draft, ...changes };
      keep(draft);
    },
    devices: () => devicesOf(draft, selection.entries()),
    request: () => requestOf(draft, run.devices()),
    /** What the check said of exactly this request, or null. */
    preview: () => (known && firstFaulty(draft, run.devices()) === null && known.asked === JSON.stringify(run.request()) ? known.preview : null),
    setPreview(given) {
      known = given;
      showNext();
    },
    go,
    restart,
    done(iccids) {
      selection.remove(iccids);
    },
  };
  keep(draft);
  const steps = [devicesStep, customerStep, optionsStep, checkStep, submitStep].map((make) => make(run));
  const stepper = h("ol", { class: "stepper", "aria-label": "Steps" });
  const heading = h("h2", { tabindex: -1 });
  const place = h("div");
  const back = h("button", { type: "button", onclick: () => go(draft.step - 1) }, "Back");
  const next = h("button", { type: "button", class: "primary", onclick: forward }, "Next");
  const panel = h("section", { class: "panel step" }, heading, place, h("div", { class: "step-foot" }, back, next));
  main.append(
    h("div", { class: "page-head" }, h("h1", {}, "Assign devices to a customer"),
      h("div", { class: "actions" }, h("button", { type: "button", class: "quiet", onclick: askToRestart }, "Begin anew"))),
    stepper, panel,
  );

  function askToRestart() {
    openDialog({
      title: "Begin anew?",
      body: h("p", {}, "What was entered here is discarded. The selection in the inventory stays."),
      actions: [{ label: "Begin anew", run: restart }],
    });
  }

  function restart() {
    discard();
    draft = { ...fresh(), source: selection.size > 0 ? "selection" : "pasted" };
    known = null;
    keep(draft);
    go(1);
  }

  /** The furthest step that may be opened now. */
  function furthest() {
    const faulty = firstFaulty(draft, run.devices());
    if (faulty !== null) return faulty;
    return run.preview()?.accepted > 0 || draft.submitted === "sent" ? 5 : 4;
  }

  function forward() {
    const faults = faultsOf(draft.step, draft, run.devices());
    steps[draft.step - 1].faults(faults);
    if (Object.keys(faults).length > 0) {
      place.querySelector('[aria-invalid="true"], [role="alert"]:not([hidden])')?.focus?.();
      return;
    }
    go(draft.step + 1);
  }

  function go(wanted, focus = true) {
    steps[draft.step - 1].leave?.();
    run.change({ step: Math.min(Math.max(wanted, 1), furthest()) });
    const step = steps[draft.step - 1];
    fill(heading, `${draft.step}. ${TITLES[draft.step - 1]}`);
    fill(place, step.element);
    step.faults({});
    step.show();
    back.hidden = draft.step === 1;
    showNext();
    if (focus) heading.focus();
  }

  function showNext() {
    next.hidden = draft.step === 5;
    next.disabled = draft.step === 4 && !(run.preview()?.accepted > 0);
    const last = furthest();
    fill(stepper, TITLES.map((title, at) => {
      const number = at + 1;
      const state = number === draft.step ? "now" : number < draft.step ? "done" : "";
      return h("li", { class: state },
        h("button", { type: "button", class: "quiet", "aria-current": number === draft.step ? "step" : null, disabled: number > last && number !== draft.step, onclick: () => go(number) },
          h("span", { class: "step-number", "aria-hidden": "true" }, state === "done" ? "✓" : number), h("span", { class: "step-title" }, title)));
    }));
  }

  const answer = await get("/M2M/Index", { query: { pageSize: 1, facets: "true" } }).catch((error) => {
    main.insertBefore(problemBox(error, () => location.reload()), stepper);
    return null;
  });
  run.providers = answer?.facets.serviceProviders ?? [];
  if (draft.source === "selection" && selection.size === 0 && draft.pasted === "" && draft.submitted === "no") run.change({ source: "pasted" });
  go(draft.step, false);
}

await start(build);
