/**
 * /M2M/DeviceDetails/{deviceId}: one device: whose it is, its plans, what was asked for it, and its history.
 */
import { get } from "../api.js";
import { fill, h } from "../dom.js";
import { start } from "../frame.js";
import { bytes, date, dateTime, number } from "../format.js";
import { emptyState, problemBox } from "../notice.js";
import { Selection } from "../selection.js";
import { write } from "../store.js";
import { reason } from "../words.js";
import { showHistory } from "./device_details_history.js";

const id = location.pathname.split("/").at(-1);

async function load(place) {
  try {
    show(place, await get(`/M2M/DeviceDetails/${encodeURIComponent(id)}`));
  } catch (error) {
    if (error.status === 404) fill(place, h("h1", { class: "unseen" }, "Device"), missing());
    else fill(place, h("h1", {}, "Device"), problemBox(error, () => load(place)));
  } finally {
    place.removeAttribute("aria-busy");
  }
}

function missing() {
  return emptyState({
    title: "There is no such device",
    text: "It does not exist, or belongs to a customer that you may not use.",
    action: h("a", { class: "button primary", href: "/M2M/Index" }, "Find devices"),
  });
}

function show(place, answer) {
  const { device } = answer;
  document.title = `${device.iccid} · Device association`;
  const statuses = h("span", { class: "chips" },
    h("span", { class: `tag ${device.allowsAssignment ? "good" : "warn"}` }, device.status ?? "no status"),
    device.archived && h("span", { class: "tag bad" }, "Archived"));
  fill(place,
    h("p", { class: "small" }, h("a", { href: "/M2M/Index" }, "All devices")),
    h("div", { class: "page-head" }, h("h1", { class: "mono" }, device.iccid), statuses, h("div", { class: "actions" }, assign(answer))),
    answer.unfinishedChange && h("p", { class: "held" }, "A change is under way: ", bulkChange(answer.unfinishedChange)),
    h("div", { class: "panels" }, assignmentPanel(answer.assignment), plansPanel(answer.plans), devicePanel(device)),
    changesPanel(answer.changes),
    showHistory(id, answer.history));
}

/** Where the device cannot be assigned the reason stands beside it, so there is a button only where it leads somewhere. */
function assign({ device, unfinishedChange }) {
  if (device.archived || !device.allowsAssignment || unfinishedChange) return null;
  return h("button", { type: "button", class: "primary", onclick: () => {
    new Selection().add([[device.iccid, device.serviceProviderId]]);
    write("wizard.start", "selection");
    location.assign("/M2M/AssociateCustomer");
  } }, "Assign this device");
}

function bulkChange(id) {
  return h("a", { href: `/M2M/BulkChanges?id=${id}` }, `Bulk change ${id}`);
}

function panel(title, ...content) {
  return h("section", { class: "panel", "aria-label": title }, h("h2", {}, title), content);
}

/** Names and values; what is not there is left out, unless it says something by not being there. */
function facts(rows) {
  const given = rows.filter(([, value]) => value !== null && value !== undefined && value !== "" && value !== "–");
  return h("dl", { class: "facts" }, given.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

function assignmentPanel(assignment) {
  if (!assignment) return panel("Assignment", h("p", { class: "muted" }, "Assigned to nobody."));
  const { customer, service } = assignment;
  return panel("Assignment",
    facts([
      ["Customer", customer.name ? `${customer.name} (${customer.revCustomerId})` : customer.revCustomerId],
      ["Site", assignment.site],
      ["Since", dateTime(assignment.assignedSince)],
      ["By", assignment.assignedBy],
    ]),
    h("h3", {}, "Service line"),
    service
      ? facts([
        ["Rev service", service.revServiceId],
        ["Number", service.number],
        ["Activated", date(service.activatedDate)],
        ["Disconnected", date(service.disconnectedDate)],
      ])
      : h("p", { class: "muted" }, "None."));
}

function plansPanel(plans) {
  const queued = plans.queued ?? [];
  return panel("Plans",
    facts([
      ["Carrier rate plan", plans.carrierRatePlan ?? "none"],
      ["Customer rate plan", plans.customerRatePlan?.name ?? "none"],
      ["Customer rate pool", plans.customerRatePool?.name],
      ["Data allocation", plans.customerDataAllocationMB === null ? "" : `${number(plans.customerDataAllocationMB)} MB`],
    ]),
    queued.length > 0 && [
      h("h3", {}, "Waiting for their day"),
      h("ul", {}, queued.map((one) =>
        h("li", {}, `${date(one.effectiveDate)}: ${[one.customerRatePlan?.name, one.customerRatePool?.name].filter(Boolean).join(", ")}`))),
    ]);
}

function devicePanel(device) {
  return panel("Device",
    facts([
      ["MSISDN", device.msisdn],
      ["IMEI", device.imei],
      ["EID", device.eid],
      ["IMSI", device.imsi],
      ["IP address", device.ipAddress],
      ["Provider", device.serviceProvider],
      ["Description", device.description],
      ["Communication plan", device.communicationPlan],
      ["APN", device.apn],
      ["Cost center", device.costCenter],
      ["Data this cycle", bytes(device.usageBytes)],
      ["SMS this cycle", number(device.smsUsage)],
      ["Last used", dateTime(device.lastUsageDate)],
      ["Activated", date(device.activatedDate)],
      ["Added", date(device.addedDate)],
      ["Cycle ends", date(device.billingCycleEndDate)],
    ]));
}

const STATUSES = {
  PENDING: ["Waiting", ""],
  PROCESSING: ["In work", "accent"],
  PROCESSED: ["Processed", "good"],
  ERROR: ["Failed", "bad"],
  API_FAILED: ["Failed", "bad"],
};

/** Details begin with the code of a reason, where there is one. */
function words(details) {
  const [, code, text] = /^([a-z]+(?:-[a-z]+)+): (.*)$/s.exec(details ?? "") ?? [];
  return code ? [h("strong", {}, `${reason(code)}: `), text] : details ?? "";
}

function changesPanel(changes) {
  const rows = changes.map((change) => {
    const [label, kind] = STATUSES[change.status] ?? [change.status, ""];
    const failed = ["ERROR", "API_FAILED"].includes(change.status);
    return h("tr", {},
      h("td", {}, bulkChange(change.bulkChangeId)),
      h("td", {}, h("span", { class: `tag ${kind}` }, label)),
      h("td", {}, dateTime(change.createdDate)),
      h("td", {}, change.createdBy ?? "–"),
      h("td", {}, dateTime(change.processedDate)),
      h("td", { class: "words" }, failed ? words(change.statusDetails) : ""));
  });
  const heads = ["Bulk change", "Status", "Asked for", "By", "Ended", "Reason"];
  return h("section", { "aria-label": "Changes" },
    h("h2", {}, "Changes"),
    rows.length === 0
      ? h("p", { class: "muted" }, "Nothing was asked for this device yet.")
      : h("div", { class: "table-place" },
        h("div", { class: "scroll", role: "region", "aria-label": "Changes of this device", tabindex: 0 },
          h("table", { class: "data changes" },
            h("caption", { class: "unseen" }, "Changes of this device, newest first"),
            h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))),
            h("tbody", {}, rows)))));
}

await start(async (main) => {
  const place = h("div", { "aria-busy": "true" }, h("h1", { class: "unseen" }, "Device"), h("p", { class: "muted" }, "Reading the device …"));
  main.append(place);
  await load(place);
});
