/**
 * The columns of the inventory.
 */
import { h } from "../dom.js";
import { NOTHING, bytes, date } from "../format.js";

/** A dot in the carrier's colour beside the name of a status; a colour that is none is left out. */
export function status(device) {
  const dot = h("span", { class: "dot", "aria-hidden": "true" });
  if (/^#[0-9a-f]{3,8}$|^[a-z]{3,20}$/i.test(device.statusColor ?? "")) dot.style.background = device.statusColor;
  return [dot, device.status ?? NOTHING];
}

/** Name and account number of a customer. */
export function customer(one) {
  if (!one) return NOTHING;
  return one.name ? `${one.name} (${one.revCustomerId})` : one.revCustomerId;
}

export const COLUMNS = [
  {
    id: "iccid", label: "ICCID", width: 184, sort: "iccid",
    cell: (device) => h("a", { class: "mono", href: `/M2M/DeviceDetails/${device.deviceId}` }, device.iccid),
  },
  { id: "msisdn", label: "MSISDN", width: 128, sort: "msisdn", cell: (device) => device.msisdn ?? NOTHING },
  { id: "status", label: "Status", width: 116, sort: "status", cell: status },
  { id: "provider", label: "Provider", width: 108, sort: "provider", cell: (device) => device.serviceProvider ?? NOTHING },
  { id: "customer", label: "Customer", width: 120, grow: true, sort: "customer", cell: (device) => customer(device.customer) },
  { id: "carrier", label: "Carrier plan", width: 112, sort: "carrierPlan", cell: (device) => device.carrierRatePlan ?? NOTHING },
  { id: "plan", label: "Customer plan", width: 124, sort: "customerPlan", cell: (device) => device.customerRatePlan?.name ?? NOTHING },
  { id: "usage", label: "Usage", width: 76, sort: "usage", number: true, cell: (device) => bytes(device.usageBytes) },
  { id: "activated", label: "Activated", width: 108, sort: "activated", cell: (device) => date(device.activatedDate) },
  {
    id: "change", label: "Change", width: 72,
    cell: (device) => device.unfinishedChange === null || device.unfinishedChange === undefined
      ? NOTHING
      : h("a", { href: `/M2M/BulkChanges?id=${device.unfinishedChange}`, title: "A bulk change is under way" }, `#${device.unfinishedChange}`),
  },
];
