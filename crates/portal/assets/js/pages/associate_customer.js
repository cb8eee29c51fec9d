/**
 * /M2M/AssociateCustomer: the wizard from devices to a submitted request, in five steps. Each keeps what is entered at once
 * (wizard/draft.js); steps 1 to 3 are checked here before the next one opens, step 4 asks the API, step 5 submits.
 */
import { get } from "../api.js";
import { openDialog } from "../dialog.js";
import { fill, h } from "../dom.js";
import { count } from "../format.js";
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
import { begun, changed, mustAsk, openSteps } from "../wizard/sent.js";
import { submitStep } from "../wizard/submit.js";

const TITLES = ["Devices", "Customer", "Options", "Check", "Submit"];

/** Takes over what the inventory sent along. */
function arrived(draft) {
  const next = begun(draft, read("wizard.start"), read("wizard.pasted"));
  write("wizard.start", null);
  write("wizard.pasted", null);
  return next;
}

async function build(main) {
  const selection = new Selection();
  let draft = load();
  // While a submit is open, what comes from the inventory waits for a person's word.
  const asks = mustAsk(draft, read("wizard.start"));
  if (!asks) draft = arrived(draft);
  let known = null;
  const run = {
    get draft() {
      return draft;
    },
    selection,
    providers: [],
    change(changes) {
      draft = changed(draft, changes);
      keep(draft);
    },
    devices: () => devicesOf(draft, selection.entries()),
    request: () => requestOf(draft, run.devices()),
    /** What the check said of exactly this request, or null. */
    preview: () => (known && firstFaulty(draft, run.devices()) === null && known.asked === JSON.stringify(run.request()) ? known.preview : null),
    setPreview(given) {
      known = given;
      showSteps();
    },
    go,
    restart,
    showSteps,
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
      body: h("p", {}, draft.sent === null
        ? "What was entered here is discarded. The selection in the inventory stays."
        : "What was sent may have been recorded: your bulk changes tell. It can no longer be submitted again from here. The selection in the inventory stays."),
      actions: [{ label: "Begin anew", run: restart }],
    });
  }

  function askWhich() {
    openDialog({
      title: "An assignment is still open",
      body: h("p", {}, `An assignment of ${count(draft.sent.body.devices.length, "device")} to ${draft.customer.name} was sent before, and no answer came. Look at it and submit it again, or begin anew with the devices that you have just chosen. They are kept either way.`),
      cancel: "Look at what was sent",
      actions: [{ label: "Begin anew", run: restart }],
    });
  }

  function restart() {
    discard();
    draft = arrived({ ...fresh(), source: selection.size > 0 ? "selection" : "pasted" });
    known = null;
    keep(draft);
    go(1);
  }

  /** The steps that may be opened now. */
  function opens() {
    return openSteps(draft, firstFaulty(draft, run.devices()) ?? (run.preview()?.accepted > 0 ? 5 : 4));
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
    const { first, last } = opens();
    run.change({ step: Math.min(Math.max(wanted, first), last) });
    const step = steps[draft.step - 1];
    fill(heading, `${draft.step}. ${TITLES[draft.step - 1]}`);
    fill(place, step.element);
    step.faults({});
    step.show();
    showSteps();
    if (focus) heading.focus();
  }

  function showSteps() {
    const { first, last } = opens();
    back.hidden = draft.step <= first;
    next.hidden = draft.step === 5;
    next.disabled = draft.step === 4 && !(run.preview()?.accepted > 0);
    fill(stepper, TITLES.map((title, at) => {
      const number = at + 1;
      const state = number === draft.step ? "now" : number < draft.step ? "done" : "";
      return h("li", { class: state },
        h("button", { type: "button", class: "quiet", "aria-current": number === draft.step ? "step" : null, disabled: (number < first || number > last) && number !== draft.step, onclick: () => go(number) },
          h("span", { class: "step-number", "aria-hidden": "true" }, state === "done" ? "✓" : number), h("span", { class: "step-title" }, title)));
    }));
  }

  const answer = await get("/M2M/Index", { query: { pageSize: 1, facets: "true" } }).catch((error) => {
    main.insertBefore(problemBox(error, () => location.reload()), stepper);
    return null;
  });
  run.providers = answer?.facets.serviceProviders ?? [];
  if (draft.source === "selection" && selection.size === 0 && draft.pasted === "" && draft.sent === null) run.change({ source: "pasted" });
  go(draft.step, false);
  if (asks) askWhich();
}

await start(build);
