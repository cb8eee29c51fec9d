/**
 * Customers as a combobox finds them.
 */
import { get } from "../api.js";
import { count } from "../format.js";

/** How many are offered at once. */
const OFFERED = 20;

/** `[{label, detail, value}]` of the customers that a text is found in; `value` is the customer as the API tells it. */
export async function findCustomers(text, signal) {
  const { items } = await get("/M2M/GetRevCustomers", { signal, query: { filter: text.slice(0, 100), pageSize: OFFERED, sort: "name" } });
  return items.map((customer) => ({
    label: `${customer.name} (${customer.revCustomerId})`,
    detail: `${customer.active ? "" : "not active · "}${count(customer.sites.length, "site")}`,
    value: customer,
  }));
}

/** The customer of an account number, or null; `integration` decides when two billing accounts share the number. */
export async function customerOf(revCustomerId, integration = null) {
  const { items } = await get("/M2M/GetRevCustomers", { query: { filter: revCustomerId, pageSize: 100, sort: "revCustomerId" } });
  const same = items.filter((customer) => customer.revCustomerId === revCustomerId);
  return same.find((customer) => customer.integrationAuthenticationId === integration) ?? same[0] ?? null;
}
